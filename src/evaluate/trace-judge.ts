import { type Scorer, scorerKey, type Trace, withoutAbsent } from "../core/index.ts";
import { storeDestination, withDestination, withSpan } from "../tracing/index.ts";
import type { TrialContext } from "./predict.ts";
import type { Sample } from "./sample.ts";

/** Metadata of a judge's own trace: what it judged, and as what. */
export const JUDGE_METADATA = {
  judgedTrace: "assay.judged_trace",
  scorer: "assay.scorer",
  row: "assay.row_key",
} as const;

/** Runs a judge in a trace of its own, where the evaluation asks for that; else as it is. */
export function traceJudge<T>(
  context: TrialContext,
  { scorer }: Scorer,
  sample: Sample,
  judge: () => T | Promise<T>,
): T | Promise<T> {
  const { plan, store, runId, experimentId } = context;
  if (plan.options.traceJudges !== true || scorer.source?.kind !== "judge") return judge();
  const key = scorerKey(scorer);
  const sink = storeDestination(store, { experimentId, runId });
  const metadata = withoutAbsent<{ [name: string]: string }>({
    [JUDGE_METADATA.judgedTrace]: sample.trace?.info.traceId ?? sample.row.traceId ?? "none",
    [JUDGE_METADATA.scorer]: key,
    [JUDGE_METADATA.row]: sample.row.rowKey,
  });
  const named = ({ info, spans }: Trace): Trace => ({
    info: { ...info, metadata: { ...info.metadata, ...metadata } },
    spans,
  });
  const destination = {
    ...sink,
    receive: (trace: Trace) => sink.receive(named(trace)),
    receiveUnfinished: (trace: Trace) => sink.receive(named(trace)),
  };
  const inputs = { inputs: sample.inputs, outputs: sample.outputs };
  return withDestination(destination, () =>
    withSpan(async () => judge(), { name: `judge ${key}`, type: "EVALUATOR", inputs, root: true }),
  );
}
