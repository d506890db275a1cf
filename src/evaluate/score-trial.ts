import {
  isAssayError,
  type JsonValue,
  type JudgeCall,
  type Row,
  type Score,
  type Scorer,
  scorerKey,
  type Trace,
  type Usage,
} from "../core/index.ts";
import type { NewVerdicts } from "../store/index.ts";
import { deadlineOf, type TrialContext, wasGivenUp } from "./predict.ts";
import { type Sample, toSample } from "./sample.ts";
import { scorerFailure, toScores, unscored } from "./to-scores.ts";
import { withinDeadline } from "./within-deadline.ts";

/** What is known of a trial once its model has answered. */
export interface Answered {
  readonly row: Row;
  readonly trial: number;
  readonly outcome: { readonly outputs: JsonValue } | { readonly error: string };
  readonly latencyMs?: number;
  readonly usage?: Usage;
  readonly trace?: Trace;
}

/** Verdicts that were there at once, and those that are still being made. */
export interface Verdicts {
  readonly ready: readonly NewVerdicts[];
  readonly coming: readonly Promise<NewVerdicts>[];
}

/**
 * Asks the scorers for their verdicts. A scorer that throws fails for this trial alone.
 *
 * @throws what concerns every row alike: a key that is rejected, an evaluation that stops.
 */
export function scoreTrial(
  context: TrialContext,
  scorers: readonly Scorer[],
  answered: Answered,
): Verdicts {
  const ready: NewVerdicts[] = [];
  const coming: Promise<NewVerdicts>[] = [];
  const sample = "outputs" in answered.outcome && toSample(answered, answered.outcome.outputs);
  for (const scorer of scorers) {
    const verdicts = sample
      ? verdictsOf(context, scorer, sample)
      : modelFailed(scorer, answered.outcome);
    if (verdicts instanceof Promise) coming.push(verdicts);
    else ready.push(verdicts);
  }
  return { ready, coming };
}

function modelFailed({ scorer }: Scorer, outcome: Answered["outcome"]): NewVerdicts {
  const error = "error" in outcome ? outcome.error : "";
  return { scorer: scorerKey(scorer), scores: [unscored("model-failed", error)] };
}

function verdictsOf(
  { plan, spending }: TrialContext,
  scorer: Scorer,
  sample: Sample,
): NewVerdicts | Promise<NewVerdicts> {
  const key = scorerKey(scorer.scorer);
  const calls: JudgeCall[] = [];
  const made = (scores: readonly Score[]): NewVerdicts =>
    calls.length === 0 ? { scorer: key, scores } : { scorer: key, scores, calls };
  const said = (output: unknown) => made(toScores(output, scorer.scorer));
  const failed = (error: unknown) => {
    if (isAssayError(error, "configuration") || wasGivenUp(error, plan.options.signal)) throw error;
    return made([scorerFailure(error)]);
  };
  try {
    const output = withinDeadline<unknown>(deadlineOf(plan), (lazy) =>
      scorer({
        ...sample,
        recordCall: (call) => {
          calls.push(call);
          spending.add(call.usage);
          if (call.isCached) spending.hit(call.saved);
        },
        get signal() {
          return lazy.signal;
        },
      }),
    );
    return output instanceof Promise ? output.then(said).catch(failed) : said(output);
  } catch (error) {
    try {
      return failed(error);
    } catch (general) {
      // As a promise, because verdicts of other scorers may be on their way and have to be waited for.
      return Promise.reject(general);
    }
  }
}
