import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AssayError } from "../../core/index.ts";
import { MANIFEST_FILE, type Manifest } from "./manifest.ts";

const checkedFile = z.object({ sha256: z.string().length(64), count: z.number().int().min(0) });

const manifestShape: z.ZodType<Manifest> = z.object({
  format: z.literal("assay-experiment"),
  schemaVersion: z.number().int(),
  experiment: z.object({
    name: z.string(),
    creationTime: z.number(),
    lastUpdateTime: z.number(),
  }),
  rows: z.array(checkedFile.extend({ table: z.string() })),
  files: checkedFile,
});

/** @throws {AssayError} `invalid-argument` for a folder that is no complete export. */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, MANIFEST_FILE), "utf8").catch((cause: unknown) => {
    throw new AssayError(
      "invalid-argument",
      `${folder} is not a complete export: it has no ${MANIFEST_FILE}`,
      { cause },
    );
  });
  const manifest = manifestShape.safeParse(parsed(text));
  if (manifest.success) return manifest.data;
  throw new AssayError("invalid-argument", `${folder} is not an export of Assay`);
}

/** @throws {AssayError} `invalid-argument` for an export of another schema than the store's. */
export function checkVersion(manifest: Manifest, folder: string, schemaVersion: number): void {
  if (manifest.schemaVersion === schemaVersion) return;
  throw new AssayError(
    "invalid-argument",
    `${folder} was exported with schema version ${manifest.schemaVersion}, this store has ${schemaVersion}. Upgrade the older of the two with: assay db upgrade`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
