import {
  isAssayError,
  type JsonValue,
  type JudgeCall,
  type Row,
  type Scorer,
  scorerKey,
  type Trace,
  type Usage,
} from "../core/index.ts";
import type { NewVerdicts } from "../store/index.ts";
import { isOverColumns } from "./column-metrics.ts";
import { deadlineOf, type TrialContext, wasGivenUp } from "./predict.ts";
import { copiedSample, type Sample, sampleFor, toSample } from "./sample.ts";
import { scorerFailure, toScores, unscored } from "./to-scores.ts";
import { traceJudge } from "./trace-judge.ts";
import { givenUp, isPromise, withinDeadline } from "./within-deadline.ts";

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
 * Asks the scorers for their verdicts. A scorer that throws fails for this trial alone; what concerns
 * every row alike, a key that is rejected or an evaluation that stops, is a verdict that is rejected.
 */
export function scoreTrial(
  context: TrialContext,
  scorers: readonly Scorer[],
  answered: Answered,
): Verdicts {
  const ready: NewVerdicts[] = [];
  const coming: Promise<NewVerdicts>[] = [];
  const { outcome } = answered;
  if ("error" in outcome) {
    for (const { scorer } of scorers) {
      const scores = [unscored("model-failed", outcome.error)];
      ready.push({ scorer: scorerKey(scorer), scores });
    }
    return { ready, coming };
  }
  const sample = toSample(answered, outcome.outputs);
  for (const scorer of scorers) {
    // Its verdicts are made when all rows are there.
    if (isOverColumns(scorer)) continue;
    const verdicts = ask(context, scorer, sample);
    if (isPromise(verdicts)) coming.push(verdicts);
    else ready.push(verdicts);
  }
  return { ready, coming };
}

function ask(
  context: TrialContext,
  scorer: Scorer,
  sample: Sample,
): NewVerdicts | Promise<NewVerdicts> {
  // The answer is kept, and whoever goes on with the run asks for its verdict: in the time that is left
  // a paid call might not be finished.
  if (isJudge(scorer) && context.plan.options.signal?.aborted) return Promise.reject(givenUp());
  const calls: JudgeCall[] = [];
  const recordCall = (call: JudgeCall) => {
    calls.push(call);
    context.spending.add(call.usage);
    if (call.isCached) context.spending.hit(call.saved);
  };
  const purpose = `${context.runId}/${sample.row.ordinal}/${sample.trial}/${scorerKey(scorer.scorer)}`;
  try {
    const output = run(context, scorer, sample, { recordCall, purpose });
    return isPromise(output)
      ? output.then(
          (value) => verdictsOf(scorer, value, calls),
          (error) => failureOf(context, scorer, error, calls),
        )
      : verdictsOf(scorer, output, calls);
  } catch (error) {
    return atOnceOrRejected(() => failureOf(context, scorer, error, calls));
  }
}

function run(
  context: TrialContext,
  scorer: Scorer,
  sample: Sample,
  recording: Parameters<typeof sampleFor>[1],
): unknown {
  const deadline = deadlineOf(context.plan);
  if (scorer.scorer.isImmediate !== true) {
    const own = isJudge(scorer) ? sample : copiedSample(sample);
    return withinDeadline<unknown>(deadline, (lazy) =>
      traceJudge<unknown>(context, scorer, sample, () => scorer(sampleFor(own, recording, lazy))),
    );
  }
  // To be ready for an interruption costs many times what a short metric takes.
  const output = scorer({ ...sample });
  // A wrapper that took over the options may need its time all the same.
  return isPromise(output) ? withinDeadline<unknown>(deadline, () => output) : output;
}

/** As a promise where it throws: verdicts of other scorers may be on their way and have to be waited for. */
function atOnceOrRejected(make: () => NewVerdicts): NewVerdicts | Promise<NewVerdicts> {
  try {
    return make();
  } catch (error) {
    return Promise.reject(error);
  }
}

const isJudge = ({ scorer }: Scorer) => scorer.source?.kind === "judge";

function verdictsOf({ scorer }: Scorer, output: unknown, calls: readonly JudgeCall[]): NewVerdicts {
  const key = scorerKey(scorer);
  const scores = toScores(output, scorer);
  return calls.length === 0 ? { scorer: key, scores } : { scorer: key, scores, calls };
}

/** @throws what concerns every row alike. */
function failureOf(
  { plan }: TrialContext,
  { scorer }: Scorer,
  error: unknown,
  calls: readonly JudgeCall[],
): NewVerdicts {
  if (isAssayError(error, "configuration") || wasGivenUp(error, plan.options.signal)) throw error;
  return { scorer: scorerKey(scorer), scores: [scorerFailure(error)], calls };
}
