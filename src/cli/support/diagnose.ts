import { existsSync, readFileSync } from "node:fs";
import { access, constants, stat, statfs } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describeError, isAssayError, redactText } from "../../core/index.ts";
import { probeArtifactRoot } from "../../store/artifacts/index.ts";
import { parseTrackingUri, schemaState } from "../../store/index.ts";
import { waitingTraces } from "../../tracking/index.ts";
import type { Io } from "./io.ts";

export interface Finding {
  readonly check: string;
  /** `note` neither helps nor hurts: a key or package that is not there. */
  readonly state: "ok" | "note" | "warning" | "failure";
  readonly detail: string;
}

const PEERS = ["openai", "@anthropic-ai/sdk", "@langchain/core", "pg", "@aws-sdk/client-s3"];

const KEYS = [
  "OPENAI_API_KEY",
  "ANTHROPIC_API_KEY",
  "AZURE_OPENAI_API_KEY",
  "GOOGLE_API_KEY",
  "GEMINI_API_KEY",
  "MISTRAL_API_KEY",
  "GROQ_API_KEY",
  "AWS_ACCESS_KEY_ID",
];

const LITTLE_DISK_BYTES = 1 << 30;
const CLOCK_TOLERANCE_MS = 5_000;

export async function checkStore(uri: string, cwd: string): Promise<Finding[]> {
  const check = "tracking store";
  const name = redactText(uri);
  try {
    const { version, latest, serverTime } = await schemaState(inFolder(uri, cwd));
    const isCurrent = version === latest;
    const schema = isCurrent
      ? `schema version ${version}, up to date`
      : version === 0
        ? "empty; it is set up when it is first used"
        : `schema version ${version}, this Assay needs ${latest}; run: assay db upgrade`;
    const findings: Finding[] = [
      { check, state: isCurrent || version === 0 ? "ok" : "warning", detail: `${name}: ${schema}` },
    ];
    if (serverTime !== undefined) findings.push(checkServerClock(serverTime));
    return findings;
  } catch (error) {
    if (isAssayError(error) && error.code === "not-found") {
      return [{ check, state: "note", detail: `${name} is not there yet; the first run makes it` }];
    }
    // Whatever keeps it from opening, such as a certificate that is not there, is what was asked for.
    const reason = isAssayError(error) ? error.message : `${name}: ${describeError(error)}`;
    return [{ check, state: "failure", detail: redactText(reason) }];
  }
}

/** Whether a SQLite file, and its folder, which its log is kept in, may be written; changes nothing. */
export async function checkWritable(uri: string, cwd: string): Promise<Finding[]> {
  const location = safeLocation(uri);
  if (location?.engine !== "sqlite" || location.path === ":memory:") return [];
  const file = resolve(cwd, location.path);
  const folder = await nearestExisting(dirname(file));
  const check = "store's folder";
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    if (!(await stat(folder)).isDirectory()) throw new Error("it is a file");
    if (existsSync(file)) await access(file, constants.R_OK | constants.W_OK);
    return [{ check, state: "ok", detail: `${folder} can be written` }];
  } catch (error) {
    const detail = `${existsSync(file) ? file : folder} cannot be written: ${describeError(error)}`;
    return [{ check, state: "failure", detail }];
  }
}

/** Free space where the database and the files of runs are kept; nothing where neither is on this disk. */
export async function checkDisk(
  uri: string,
  artifactRoot: string | undefined,
  cwd: string,
): Promise<Finding[]> {
  const folders = new Set<string>();
  const location = safeLocation(uri);
  if (location?.engine === "sqlite") folders.add(dirname(resolve(cwd, location.path)));
  if (artifactRoot === undefined) folders.add(cwd);
  else {
    const folder = localFolder(artifactRoot, cwd);
    if (folder !== undefined) folders.add(folder);
  }
  return Promise.all([...folders].map(checkFolder));
}

/** Whether the bucket answers that files of runs are to be kept in; nothing for a folder of this machine. */
export async function checkArtifacts(
  artifactRoot: string | undefined,
  env: Io["env"],
): Promise<Finding[]> {
  if (artifactRoot === undefined) return [];
  const check = "artifact root";
  try {
    const { uri, isRemote } = await probeArtifactRoot(artifactRoot, env);
    return isRemote ? [{ check, state: "ok", detail: `${uri} can be listed` }] : [];
  } catch (error) {
    const reason = isAssayError(error) ? error.message : describeError(error);
    return [{ check, state: "failure", detail: redactText(reason) }];
  }
}

/** The folder of a path or `file:` URL on this machine. */
function localFolder(root: string, cwd: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]+:/i.test(root)) return resolve(cwd, root);
  try {
    return fileURLToPath(root);
  } catch {
    return undefined;
  }
}

async function checkFolder(folder: string): Promise<Finding> {
  const check = "free disk";
  const existing = await nearestExisting(folder);
  const { bavail, bsize } = await statfs(existing);
  const bytes = bavail * bsize;
  return {
    check,
    state: bytes < LITTLE_DISK_BYTES ? "warning" : "ok",
    detail: `${(bytes / 2 ** 30).toFixed(1)} GiB at ${existing}`,
  };
}

async function nearestExisting(folder: string): Promise<string> {
  const found = await statfs(folder).then(
    () => true,
    () => false,
  );
  return found || dirname(folder) === folder ? folder : nearestExisting(dirname(folder));
}

export function checkClock(now = new Date()): Finding {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return { check: "clock", state: "ok", detail: `${now.toISOString()}, time zone ${timeZone}` };
}

function checkServerClock(serverTime: number): Finding {
  const ahead = serverTime - Date.now();
  const isClose = Math.abs(ahead) <= CLOCK_TOLERANCE_MS;
  const seconds = (Math.abs(ahead) / 1000).toFixed(1);
  return {
    check: "server's clock",
    state: isClose ? "ok" : "warning",
    detail: isClose
      ? "agrees with this machine's"
      : `${seconds} s ${ahead > 0 ? "ahead of" : "behind"} this machine's; runs will seem out of order`,
  };
}

/** The optional packages as the project in `cwd` would find them. */
export function checkPeers(cwd: string): Finding[] {
  return PEERS.map((name) => {
    const version = versionOf(name, cwd);
    return version === undefined
      ? { check: name, state: "note", detail: `not installed; npm install ${name}` }
      : { check: name, state: "ok", detail: version };
  });
}

function versionOf(name: string, cwd: string): string | undefined {
  for (const from of [join(cwd, "package.json"), import.meta.url]) {
    const paths = createRequire(from).resolve.paths(name) ?? [];
    const files = paths.map((path) => join(path, name, "package.json"));
    const found = files.find((file) => existsSync(file));
    if (found) return (JSON.parse(readFileSync(found, "utf8")) as { version: string }).version;
  }
  return undefined;
}

/** Which keys are set, never what they are. */
export function checkKeys(env: Io["env"]): Finding[] {
  const set = KEYS.filter((name) => env[name]);
  if (set.length === 0) {
    return [
      {
        check: "provider keys",
        state: "note",
        detail: `none set, e.g. ${KEYS.slice(0, 2).join(", ")}`,
      },
    ];
  }
  return set.map((name) => ({ check: name, state: "ok", detail: "set" }));
}

function safeLocation(uri: string) {
  try {
    return parseTrackingUri(uri);
  } catch {
    // What is wrong with it is said by the check of the store.
    return undefined;
  }
}

/** A relative SQLite path starts from the folder in which the command was called. */
function inFolder(uri: string, cwd: string): string {
  const location = safeLocation(uri);
  return location?.engine === "sqlite" ? `sqlite:///${resolve(cwd, location.path)}` : uri;
}

/** Traces that a process could not store: what waits on disk, and what was lost. */
export function checkTraces(uri: string, cwd: string): Finding {
  const { files, dropped } = waitingTraces(uri, cwd);
  const waiting =
    files === 0
      ? ""
      : `traces of ${files} process(es) wait on disk and are stored when it is opened`;
  const lost = dropped === 0 ? "" : `${dropped} spans were lost`;
  const detail = [waiting, lost].filter((text) => text !== "").join("; ");
  if (detail === "")
    return { check: "traces", state: "ok", detail: "none waits on disk, none was lost" };
  return { check: "traces", state: dropped > 0 ? "warning" : "note", detail };
}
