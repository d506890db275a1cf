import { spawnSync } from "node:child_process";
import { registerHooks } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { MODULES_FOLDER } from "../installation.ts";

/** `at f (file:///a/b.mjs:3:5)`, `at /a/b.ts:3:5`, or `/a/b.ts:3` alone. */
const PLACE = /(?:^|\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:\\)[^\n()]+?):(\d+)(?::\d+)?\)?$/;

/**
 * Where in the user's files an error at the import of `url` arose, as `helper.mjs:3`; absent where nothing tells.
 */
export async function placeOfError(error: unknown, url: string): Promise<string | undefined> {
  if (!(error instanceof Error)) return undefined;
  const [head = "", ...frames] = error.stack?.split("\n") ?? [];
  // Node writes the place of what cannot be parsed or linked above the message.
  const place = [head, ...frames.filter(isUsers)].map((text) => PLACE.exec(text)).find(Boolean);
  if (place?.[1] !== undefined) return shown(place[1], place[2]);
  return error instanceof SyntaxError ? placeOfSyntaxError(error, url) : undefined;
}

function isUsers(frame: string): boolean {
  const others = ["node:", "/node_modules/", MODULES_FOLDER.href];
  return /^\s+at /.test(frame) && !others.some((part) => frame.includes(part));
}

/** The file that Node loaded last before it gave up; nothing runs, because nothing was linked. */
async function placeOfSyntaxError(error: Error, url: string): Promise<string | undefined> {
  let last = url;
  const hooks = registerHooks({
    load: (module, context, nextLoad) => {
      last = module;
      return nextLoad(module, context);
    },
  });
  try {
    // Under another address, because Node keeps what an import came to.
    await import(`${url}?again`);
    return undefined;
  } catch (again) {
    if (!(again instanceof SyntaxError) || again.message !== error.message) return undefined;
  } finally {
    hooks.deregister();
  }
  if (!last.startsWith("file:")) return undefined;
  const file = fileURLToPath(last.replace(/\?again$/, ""));
  if (error.message.includes(file)) return undefined;
  const { stderr } = spawnSync(process.execPath, ["--check", file], { encoding: "utf8" });
  return shown(file, PLACE.exec(stderr.split("\n", 1)[0] ?? "")?.[2]);
}

function shown(file: string, line: string | undefined): string {
  const path = file.startsWith("file:") ? fileURLToPath(file) : file;
  const fromHere = relative(process.cwd(), path);
  const short = fromHere.startsWith("..") ? path : fromHere;
  return line === undefined ? short : `${short}:${line}`;
}
