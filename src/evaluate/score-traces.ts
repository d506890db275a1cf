import {
  AssayError,
  type Scorer,
  type ScorerEnvironment,
  scorerKey,
  sha256,
  type TraceInfo,
  withoutAbsent,
} from "../core/index.ts";
import { type TraceData, traceRows } from "../datasets/index.ts";
import type { TrackingStore } from "../store/index.ts";
import { evaluate } from "./evaluate.ts";
import { evaluationStore } from "./evaluation-store.ts";
import { modelSettings } from "./model-settings.ts";
import type { EvaluateOptions, ScorerLike } from "./options.ts";
import type { EvaluateResult } from "./result.ts";
import { toScorer } from "./to-scorer.ts";
import { JUDGE_METADATA } from "./trace-judge.ts";

type Inherited = Omit<
  EvaluateOptions,
  | "data"
  | "model"
  | "predictFn"
  | "predictions"
  | "prompt"
  | "parameters"
  | "extraMetrics"
  | "scorers"
  | "trials"
  | "filter"
  | "sample"
  | "modelType"
  | "evaluatorConfig"
  | "resume"
  | "shuffle"
  | "shared"
  | "run"
  | "worker"
>;

export interface ScoreTracesOptions extends Inherited {
  /** MLflow's filter, e.g. `status = 'OK'`; `""` for all traces. */
  readonly traces: string;
  /** A judge, or any scorer. */
  readonly scorer: ScorerLike;
  /** A share in (0, 1] of the traces that match, which `seed` and their ids decide: the same ones every time. */
  readonly sample?: number;
}

/**
 * Gives traces that are stored already a verdict, as feedback on them. Nothing is called but the judge.
 *
 * A trace that has the verdict of the very same judge, by its fingerprint, is left alone, so that the call
 * can be repeated at any time: it goes on where another one was broken off, and scores what has come since.
 * Traces that are still in progress, and those of judges themselves, are not scored.
 *
 * @returns What became of the traces that lacked the verdict; `undefined` where none did.
 * @throws {AssayError} as {@link evaluate}.
 */
export async function scoreTraces(
  options: ScoreTracesOptions,
): Promise<EvaluateResult | undefined> {
  const { traces, scorer: given, sample = 1, seed = 0, limit, ...others } = options;
  if (!(sample > 0 && sample <= 1)) {
    throw new AssayError("invalid-argument", `Expected sample to be in (0, 1], got ${sample}`);
  }
  const scorer = await prepared(toScorer(given, 0), options);
  const store = await evaluationStore(options);
  const lacking = new LackingTraces(store, scorer, (id) => isSampled(id, sample, seed));
  const { experiment } = others;
  const data = withoutAbsent<TraceData>({
    traces,
    limit,
    experiment,
    only: (found: readonly TraceInfo[]) => lacking.among(found),
  });
  if (!(await hasRows(data, store))) return undefined;
  return evaluate({
    name: `score ${scorerKey(scorer.scorer)}`,
    ...others,
    data,
    extraMetrics: [scorer],
  });
}

/** Chooses the traces that a scorer has still to give its verdict on. */
class LackingTraces {
  readonly #store: TrackingStore;
  readonly #scorer: Scorer["scorer"];
  readonly #isSampled: (traceId: string) => boolean;
  /** Whether the scorer of a run was this one. */
  readonly #runs = new Map<string, Promise<boolean>>();

  constructor(store: TrackingStore, { scorer }: Scorer, isSampled: (traceId: string) => boolean) {
    this.#store = store;
    this.#scorer = scorer;
    this.#isSampled = isSampled;
  }

  async among(found: readonly TraceInfo[]): Promise<readonly TraceInfo[]> {
    const wanted = found.filter(
      ({ traceId, state, metadata }) =>
        state !== "IN_PROGRESS" &&
        metadata?.[JUDGE_METADATA.judgedTrace] === undefined &&
        this.#isSampled(traceId),
    );
    const ids = wanted.map(({ traceId }) => traceId);
    const judged = await this.#store.results.judgedTraces(ids, scorerKey(this.#scorer));
    const done = new Set<string>();
    for (const { traceId, runId } of judged) if (await this.#isSame(runId)) done.add(traceId);
    return wanted.filter(({ traceId }) => !done.has(traceId));
  }

  #isSame(runId: string): Promise<boolean> {
    const known = this.#runs.get(runId);
    if (known !== undefined) return known;
    const key = scorerKey(this.#scorer);
    const asking = this.#store.results.getEvaluation(runId).then((evaluation) => {
      const was = evaluation?.scorers.find((scorer) => scorerKey(scorer) === key);
      return was !== undefined && was.fingerprint === this.#scorer.fingerprint;
    });
    this.#runs.set(runId, asking);
    return asking;
  }
}

/** The first 52 bits of a hash, as a share of all there are. */
function isSampled(traceId: string, sample: number, seed: number): boolean {
  return Number.parseInt(sha256(`${seed} ${traceId}`).slice(0, 13), 16) / 2 ** 52 < sample;
}

async function prepared(scorer: Scorer, options: ScoreTracesOptions): Promise<Scorer> {
  const environment = withoutAbsent<ScorerEnvironment>({
    env: options.env ?? process.env,
    judgeModel: options.judgeModel,
    models: modelSettings(options, "judges"),
  });
  return (await scorer.scorer.prepare?.(environment, scorer)) ?? scorer;
}

async function hasRows(data: TraceData, store: TrackingStore): Promise<boolean> {
  const rows = await traceRows(data, async () => store);
  for await (const portion of rows.read()) for (const _ of portion) return true;
  return false;
}
