import { AssayError, RUN_TAGS, type Run, withoutAbsent } from "../core/index.ts";
import { type Decision, overallDecision, overallVerdict, type Verdict } from "../gates/index.ts";
import type { EvaluationRecord, NewRun, TrackingStore } from "../store/index.ts";
import { ActiveRun, activeRun, systemTags, withActiveRun } from "../tracking/index.ts";
import { decidedAgain } from "./decide-again.ts";
import { evaluate as evaluateOne, runPlan } from "./evaluate.ts";
import { evaluationStore } from "./evaluation-store.ts";
import { checkOptionTypes } from "./known-options.ts";
import { type Cell, cellName, cellsOf, isMatrix, type MatrixOptions } from "./matrix-options.ts";
import { writeComparison } from "./matrix-table.ts";
import type { EvaluateOptions } from "./options.ts";
import { type Plan, planEvaluation } from "./plan.ts";
import type { EvaluateResult } from "./result.ts";
import {
  begunCells,
  findLatestMatrix,
  findMatrix,
  isDone,
  MATRIX_TAG,
  tagsOf,
} from "./resume-matrix.ts";
import type { WrittenArtifacts } from "./run-artifacts.ts";
import { experimentOf } from "./run-record.ts";

/** What one cell of a matrix gave. */
export interface CellResult extends EvaluateResult {
  readonly cell: Cell;
}

/** What an evaluation of several models or prompts gave. */
export interface MatrixResult {
  readonly name: string;
  /** Of the parent, in which the runs of the cells are nested. */
  readonly runId: string;
  readonly experimentId: string;
  /** The worst of the cells. */
  readonly status: EvaluateResult["status"];
  /** Over the gates of all cells, undecided while one was never begun; absent without gates. */
  readonly verdict?: Verdict;
  readonly decision?: Decision;
  /** One per cell that was begun, models first. */
  readonly runs: readonly CellResult[];
  /** URIs of the files beside the parent, by name: `comparison`. */
  readonly artifacts: { readonly [name: string]: string };
  /** What could not be written, one line each. */
  readonly notes: readonly string[];
  readonly durationMs: number;
}

/** A matrix whose cells were all found good. */
export interface MatrixPlan {
  readonly name: string;
  readonly cells: readonly { readonly cell: Cell; readonly plan: Plan }[];
  readonly options: MatrixOptions;
}

/**
 * Evaluates one model, or several models and prompts, every one with every other: as runs nested in one
 * parent, one after the other, on the same data, each under the given limits.
 *
 * @throws as an evaluation of one model does, for any of the cells before the first is run.
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluateResult>;
export async function evaluate(options: MatrixOptions): Promise<MatrixResult>;
export async function evaluate(
  options: EvaluateOptions | MatrixOptions,
): Promise<EvaluateResult | MatrixResult> {
  if (!isMatrix(options)) return evaluateOne(options as EvaluateOptions);
  return runMatrix(await planMatrix(options));
}

/** @throws {AssayError} `invalid-argument` for data that can be read only once, and as {@link planEvaluation}. */
export async function planMatrix(options: MatrixOptions): Promise<MatrixPlan> {
  const cells: { cell: Cell; plan: Plan }[] = [];
  let name = options.name;
  for (const { cell, options: own } of cellsOf(options)) {
    // Before spreading makes an object of whatever it is.
    checkOptionTypes(own);
    const tags = { ...own.tags, ...tagsOf(cell) };
    const called = cellName(cell);
    const plan = await planEvaluation({ ...own, runName: called, tags }, called);
    if (!plan.source.isRepeatable) {
      throw new AssayError(
        "invalid-argument",
        `Several models or prompts read the data once each, and ${plan.source.name} can be read only once; give a file, an array or a function that yields the rows`,
      );
    }
    name ??= plan.name.slice(0, -` [${called}]`.length);
    cells.push({ cell, plan });
  }
  return { name: name ?? "", cells, options };
}

/** How a matrix is run. */
interface MatrixRunOptions {
  /** Told of each cell as it ends: what was paid for is not lost with a later one. */
  readonly onResult?: (result: CellResult) => void;
  /** Default true; else it stands among others that are resumed together, and is begun where it never was. */
  readonly isAlone?: boolean;
}

/** Runs what {@link planMatrix} found good. */
export async function runMatrix(
  { name, cells, options }: MatrixPlan,
  { onResult, isAlone = true }: MatrixRunOptions = {},
): Promise<MatrixResult> {
  const started = performance.now();
  const store = await evaluationStore(firstPlan({ cells }).options);
  const { parent, begun } = await parentOf({ name, cells, options }, store, isAlone);
  const run = new ActiveRun(store, parent);
  const runs: CellResult[] = [];
  let written: WrittenArtifacts;
  try {
    for (const [at, { cell, plan }] of cells.entries()) {
      const own = await withActiveRun(run, () => runCell(plan, store, begun[at]));
      const result = { ...own, cell };
      runs.push(result);
      onResult?.(result);
      if (options.signal?.aborted) break;
    }
    written = await writeComparison(store, parent, runs);
  } catch (error) {
    await Promise.allSettled([run.end("FAILED")]);
    throw error;
  }
  const status = worstStatus(runs, cells.length);
  await run.end(status === "interrupted" ? "KILLED" : "FINISHED");
  const { runId, experimentId } = parent;
  return withoutAbsent<MatrixResult>({
    name,
    runId,
    experimentId,
    status,
    ...conclusionOf({ cells, options }, runs),
    runs,
    artifacts: written.artifacts,
    notes: written.notes,
    durationMs: performance.now() - started,
  });
}

/** The new parent, or the one whose cells go on, with what was begun of them. */
async function parentOf(matrix: MatrixPlan, store: TrackingStore, isAlone: boolean) {
  const parent = await parentToResume(matrix, store, isAlone);
  if (parent === undefined) return { parent: await createParent(matrix, store), begun: [] };
  const begun = await begunCells(store, parent, matrix.cells);
  await store.runs.updateRun(parent.runId, { status: "RUNNING" });
  return { parent, begun };
}

async function parentToResume(
  matrix: MatrixPlan,
  store: TrackingStore,
  isAlone: boolean,
): Promise<Run | undefined> {
  const { name, cells, options } = matrix;
  const { resume = false, retryFailed } = options;
  if (resume === false) return undefined;
  const experimentId = await experimentOf(firstPlan(matrix), store);
  if (resume === true && !isAlone) return findLatestMatrix(store, { experimentId, name }, cells);
  const names = cells.map((cell) => cell.plan.name);
  return findMatrix(store, { experimentId, name, resume, cells: names, retryFailed });
}

/**
 * The runs that the cells of a matrix with `resume` would go on with, one for each cell; absent where it would
 * be begun.
 *
 * @param isAlone - As of {@link MatrixRunOptions}.
 * @throws {AssayError} `not-found` when there is no matrix to resume; `invalid-argument` when a cell of it set
 *   out to do something else.
 */
export async function matrixToResume(
  matrix: MatrixPlan,
  isAlone: boolean,
): Promise<(string | undefined)[]> {
  const store = await evaluationStore(firstPlan(matrix).options);
  const parent = await parentToResume(matrix, store, isAlone);
  if (parent === undefined) return [];
  const begun = await begunCells(store, parent, matrix.cells);
  return begun.map((record) => record?.runId);
}

/** Runs a cell, goes on with it, or decides again on what it came to before. */
async function runCell(
  plan: Plan,
  store: TrackingStore,
  record: EvaluationRecord | undefined,
): Promise<EvaluateResult> {
  if (record === undefined) {
    return runPlan({ ...plan, options: { ...plan.options, resume: false } });
  }
  const { runId } = record;
  if (isDone(plan, record)) return decidedAgain({ plan, store, runId }, record);
  return runPlan({ ...plan, options: { ...plan.options, resume: runId } });
}

async function createParent(matrix: MatrixPlan, store: TrackingStore): Promise<Run> {
  const { name, options } = matrix;
  const outer = activeRun();
  return store.runs.createRun(
    withoutAbsent<NewRun>({
      experimentId: await experimentOf(firstPlan(matrix), store),
      name: options.runName ?? name,
      parentRunId: outer && (await store.runs.getRun(outer.runId))?.runId,
      tags: {
        ...(await systemTags()),
        ...options.tags,
        [RUN_TAGS.runType]: "evaluation",
        [MATRIX_TAG]: name,
      },
    }),
  );
}

/** The plan whose store and experiment are those of all. */
function firstPlan({ cells: [first] }: Pick<MatrixPlan, "cells">): Plan {
  if (first !== undefined) return first.plan;
  throw new AssayError("invalid-argument", "There is nothing to evaluate");
}

function worstStatus(runs: readonly CellResult[], planned: number): EvaluateResult["status"] {
  if (runs.length < planned) return "interrupted";
  return (
    (["interrupted", "incomplete"] as const).find((status) =>
      runs.some((run) => run.status === status),
    ) ?? "finished"
  );
}

/** What the cells come to: one that was never begun leaves it open, unless one that passed is enough. */
function conclusionOf(
  { cells, options: { gateCells = "every" } }: Pick<MatrixPlan, "cells" | "options">,
  runs: readonly CellResult[],
): Pick<MatrixResult, "verdict" | "decision"> {
  const isEnough = gateCells === "some" && runs.some(({ decision }) => decision === "pass");
  const isGated = cells.some(({ plan }) => plan.gates.length > 0);
  if (isGated && runs.length < cells.length && !isEnough) {
    return { verdict: "undecided", decision: "fail" };
  }
  const overall = overallDecision(runs.flatMap(({ decision }) => (decision ? { decision } : [])));
  return withoutAbsent({
    verdict: overallVerdict(runs.flatMap(({ verdict }) => (verdict ? { verdict } : []))),
    decision: isEnough ? ("pass" as const) : overall,
  });
}
