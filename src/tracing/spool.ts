import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import type { NewAssessment, Span, Trace } from "../core/index.ts";
import type { TraceDetails } from "./trace-details.ts";

/** A trace that waits on disk for its store. It holds no secret: whoever spools it has seen to that. */
export interface SpooledTrace {
  /** Name of the experiment, which may not be known to the store yet. */
  readonly experiment: string;
  readonly runId?: string;
  readonly trace: Trace;
  readonly said: TraceDetails;
}

/** What was said of a trace that waits, after it in the same file. */
export interface SpooledAssessment {
  readonly experiment: string;
  readonly assessment: NewAssessment;
}

export type Spooled = SpooledTrace | SpooledAssessment;

/** Bytes that one process leaves on disk at most; what comes after is dropped and counted. */
const MOST_BYTES = 512 * 2 ** 20;

const DROPPED = "dropped.jsonl";

/**
 * Traces of one process for one store, as lines of a file. Written at once, so that it can be done while a
 * process exits; every line is whole or the last one.
 */
export class Spool {
  readonly #folder: string;
  readonly #path: string;

  /** @param store - Distinguishes stores that share a folder. */
  constructor(folder: string, store: string) {
    this.#folder = folder;
    this.#path = join(folder, `${store}-${process.pid}.jsonl`);
  }

  /** Whether it is on disk now. */
  append(entry: Spooled): boolean {
    try {
      mkdirSync(this.#folder, { recursive: true });
      if (sizeOf(this.#path) > MOST_BYTES) return false;
      appendFileSync(this.#path, `${JSON.stringify(entry, bigintAsText)}\n`);
      return true;
    } catch {
      return false;
    }
  }

  /** Counts spans that are lost, for `assay doctor`. */
  noteDropped(spans: number, now: number = Date.now()): void {
    try {
      mkdirSync(this.#folder, { recursive: true });
      appendFileSync(join(this.#folder, DROPPED), `${JSON.stringify({ time: now, spans })}\n`);
    } catch {
      // The disk does not take even this: nothing is left to tell it to.
      return;
    }
  }
}

/** What lies in a spool folder: files that wait for `store`, and spans that were lost for any. */
export function spoolState(
  folder: string,
  store: string,
): { readonly files: number; readonly dropped: number } {
  if (!existsSync(folder)) return { files: 0, dropped: 0 };
  const files = readdirSync(folder).filter((name) => name.startsWith(`${store}-`));
  const dropped = linesOf(join(folder, DROPPED))
    .map((line) => parsed<{ spans?: number }>(line)?.spans ?? 0)
    .reduce((sum, spans) => sum + spans, 0);
  return { files: files.length, dropped };
}

/**
 * Hands what lies on disk for a store to `write` and removes it, file by file; those of other processes
 * that still run are theirs. One that cannot be written stays.
 *
 * @returns How many traces were written.
 */
export async function drainSpool(
  folder: string,
  store: string,
  write: (entry: Spooled) => Promise<void>,
): Promise<number> {
  if (!existsSync(folder)) return 0;
  let count = 0;
  for (const name of readdirSync(folder)) {
    const [, of, pid] = /^(.+)-(\d+)\.jsonl$/.exec(name) ?? [];
    if (of !== store || (Number(pid) !== process.pid && isAlive(Number(pid)))) continue;
    const path = join(folder, name);
    const size = sizeOf(path);
    for (const line of linesOf(path)) {
      const entry = parsed<Spooled>(line);
      if (entry === undefined) continue;
      const isTrace = "trace" in entry;
      await write(isTrace ? { ...entry, trace: revived(entry.trace) } : entry);
      if (isTrace) count += 1;
    }
    // This process may have appended meanwhile: the rest is handed over the next time, what was, again.
    if (sizeOf(path) === size) rmSync(path, { force: true });
  }
  return count;
}

function linesOf(path: string): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "");
}

/** A line that a dying process could not finish is none. */
function parsed<T>(line: string): T | undefined {
  try {
    return JSON.parse(line) as T;
  } catch {
    return undefined;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

const bigintAsText = (_key: string, value: unknown) =>
  typeof value === "bigint" ? value.toString() : value;

function revived(trace: Trace): Trace {
  const spans = trace.spans.map(
    (span): Span => ({
      ...span,
      startNs: BigInt(span.startNs),
      endNs: BigInt(span.endNs),
      events: span.events.map((event) => ({ ...event, timeNs: BigInt(event.timeNs) })),
    }),
  );
  return { ...trace, spans };
}
