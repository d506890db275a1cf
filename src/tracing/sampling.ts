import { AssayError } from "../core/index.ts";

/** Which of the traces that a rule is about are kept. The first rule that fits a trace counts. */
export interface SamplingRule {
  /** The name of the outermost span; `*` stands for any characters. Default: any. */
  readonly name?: string;
  /** Between 0 and 1. */
  readonly ratio: number;
}

export interface SamplingOptions {
  /** Share of the traces that are kept, between 0 and 1; default 1. */
  readonly ratio?: number;
  readonly rules?: readonly SamplingRule[];
  /** Whether a trace in which any span failed is kept whatever its chance. Default false. */
  readonly keepErrors?: boolean;
}

/** @param hasFailed - Whether any span of the trace did; asked only where that matters. */
export type Sampler = (
  root: { readonly traceId: string; readonly name: string },
  hasFailed: () => boolean,
) => boolean;

/**
 * Decides on a trace once it has ended, so that failures can be kept. It follows from the trace's id
 * alone: services that share a trace and a ratio agree.
 *
 * @throws {AssayError} `invalid-argument` for a ratio outside of 0 to 1.
 */
export function createSampler({
  ratio = 1,
  rules = [],
  keepErrors = false,
}: SamplingOptions): Sampler {
  const tests = rules.map((rule) => ({ ratio: checked(rule.ratio), matches: matcher(rule.name) }));
  const otherwise = checked(ratio);
  return (root, hasFailed) => {
    const share = tests.find(({ matches }) => matches(root.name))?.ratio ?? otherwise;
    if (share >= 1 || chanceOf(root.traceId) < share) return true;
    return keepErrors && hasFailed();
  };
}

function checked(ratio: number): number {
  if (typeof ratio === "number" && ratio >= 0 && ratio <= 1) return ratio;
  throw new AssayError(
    "invalid-argument",
    `Expected a sampling ratio between 0 and 1, got ${String(ratio)}`,
  );
}

/** In [0, 1): the last 52 of the 56 bits that W3C Trace Context Level 2 wants to be random. */
function chanceOf(traceId: string): number {
  return Number.parseInt(traceId.slice(-13), 16) / 2 ** 52;
}

function matcher(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true;
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join(".*")}$`, "s");
  return (name) => expression.test(name);
}
