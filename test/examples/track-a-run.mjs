// #region track-a-run
import { flushTraces, logMetric, setExperiment, withRun, withSpan } from "assay";

setExperiment("prompt-tuning");

await withRun({ name: "shorter prompt" }, async (run) => {
  await run.logParam("max_words", 30);
  const answer = await withSpan(async () => "A span is one timed step of a trace.", {
    name: "answer",
    type: "CHAIN",
    inputs: { question: "What is a span?" },
  });
  await logMetric("answer_words", answer.split(" ").length); // of the active run
  await run.logText(answer, "answers/first.txt");
});
await flushTraces(); // the trace belongs to the run
// #endregion track-a-run
