import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "../../src/core/index.ts";
import { type Data, openSource, type SourceOptions } from "../../src/datasets/index.ts";
import { tempFolder } from "../store/temp-folder.ts";

/** Every row of the data, after a look through it as an evaluation takes one. */
export async function readRows(data: Data, options: SourceOptions = {}): Promise<Row[]> {
  const source = await openSource(data, options);
  await source.inspect();
  const rows: Row[] = [];
  for await (const row of source.rows()) rows.push(row);
  return rows;
}

/** The rows of a file with this content. */
export function readFileRows(
  name: string,
  content: string | Uint8Array,
  options: SourceOptions = {},
): Promise<Row[]> {
  const file = join(tempFolder(), name);
  writeFileSync(file, content);
  return readRows(file, options);
}

export const inputsOf = (rows: readonly Row[]) => rows.map(({ inputs }) => inputs);
