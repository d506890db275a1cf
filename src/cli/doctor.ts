import { resolveTrackingUri } from "../store/index.ts";
import { newCommand } from "./support/command.ts";
import { loadConfig } from "./support/config.ts";
import {
  checkArtifacts,
  checkClock,
  checkDisk,
  checkKeys,
  checkPeers,
  checkStore,
  checkTraces,
  checkWritable,
  type Finding,
} from "./support/diagnose.ts";
import { EXIT } from "./support/exit-codes.ts";
import { type Io, line } from "./support/io.ts";
import { packageVersion } from "./support/version.ts";

interface Flags {
  readonly trackingUri?: string;
  readonly json?: boolean;
}

/** `assay doctor`: what works here and what does not. Exits 2 when something is broken. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let exit: number = EXIT.ok;
  const command = newCommand("doctor", "Checks the store, keys, packages and this machine", io)
    .option("--tracking-uri <uri>", "tracking store, e.g. sqlite:///assay.db")
    .option("--json", "print JSON")
    .action(async (flags: Flags) => {
      exit = await examine(flags, io);
    });
  await command.parseAsync(argv, { from: "user" });
  return exit;
}

async function examine(flags: Flags, io: Io): Promise<number> {
  const config = await loadConfig(io.cwd);
  const uri = resolveTrackingUri(flags.trackingUri, io.env, config.trackingUri);
  const artifactRoot = io.env.ASSAY_ARTIFACT_ROOT || undefined;
  const findings: Finding[] = [
    { check: "assay", state: "ok", detail: packageVersion() },
    { check: "node", state: "ok", detail: process.versions.node },
    ...(await checkStore(uri, io.cwd)),
    ...(await checkWritable(uri, io.cwd)),
    ...(await checkDisk(uri, artifactRoot, io.cwd)),
    ...(await checkArtifacts(artifactRoot, io.env)),
    checkTraces(uri, io.cwd),
    checkClock(),
    ...checkKeys(io.env),
    ...checkPeers(io.cwd),
  ];
  if (flags.json) line(io.stdout, JSON.stringify(findings, null, 2));
  else {
    const marks = { ok: "ok  ", note: "-   ", warning: "warn", failure: "FAIL" };
    const width = Math.max(...findings.map(({ check }) => check.length));
    for (const { check, state, detail } of findings) {
      line(io.stdout, `${marks[state]}  ${check.padEnd(width)}  ${detail}`);
    }
  }
  return findings.some(({ state }) => state === "failure") ? EXIT.usage : EXIT.ok;
}
