import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { AssayError } from "../../core/index.ts";
import { baselineFileOf, setBaselineAlias } from "../../evaluate/index.ts";
import type { TrackingStore } from "../../store/index.ts";
import { type Io, line } from "./io.ts";
import { checkOutputs } from "./output-files.ts";

/** @throws {AssayError} `invalid-argument` for something that is neither an alias nor a file that can be written. */
export function checkKeptBaseline(target: string | undefined, io: Io): void {
  if (target === undefined || /^@[\w.-]+$/.test(target)) return;
  if (target.endsWith(".json")) {
    checkOutputs([target], io);
    return;
  }
  throw new AssayError(
    "invalid-argument",
    `Expected --save-baseline @alias or a file such as main.baseline.json, got ${target}`,
  );
}

/** A run as it ended, as far as it matters for a baseline. */
export interface EndedRun {
  readonly runId: string;
  readonly status: string;
  readonly decision?: "pass" | "fail";
}

/** Makes a finished run whose gates passed the baseline that is named; says why where it is none. */
export async function keepBaseline(
  store: TrackingStore,
  { runId, status, decision }: EndedRun,
  target: string,
  io: Io,
): Promise<void> {
  if (status !== "finished" || decision === "fail") {
    const why = status === "finished" ? "a gate failed" : `it is ${status}`;
    line(io.stderr, `baseline ${target} stays as it was: ${why}`);
    return;
  }
  if (target.startsWith("@")) await setBaselineAlias(store, runId, target.slice(1));
  else await writeFile(resolve(io.cwd, target), await baselineFileOf(store, runId));
  line(io.stderr, `baseline ${target} is now run ${runId.slice(0, 12)}`);
}
