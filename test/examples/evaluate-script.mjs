// #region evaluate
import { evaluate, makeGenaiMetric } from "assay";

const relevance = makeGenaiMetric({
  name: "relevance",
  definition: "Relevance measures how well the answer addresses the user's question.",
  gradingPrompt: "Score the relevance from 1-5. 1 is irrelevant, 5 is perfect.",
  examples: [
    { input: "What is MLflow?", output: "It is a tool.", score: 2, justification: "Too vague." },
  ],
  model: "openai:/gpt-4o-mini",
});

const result = await evaluate({
  data: "questions.jsonl", // {"question": "…", "ground_truth": "…"} a line
  model: "openai:/gpt-4o-mini", // or any function, or a LangChain Runnable
  prompt: "Answer in one sentence: {{ question }}",
  targets: "ground_truth",
  modelType: "question-answering",
  extraMetrics: [relevance],
  gates: ["relevance/v1/mean >= 4"],
});

console.log(result.metrics["relevance/v1/mean"]);
console.log(result.summaries["relevance/v1"]); // mean, interval, n, scored, failed, missing
process.exitCode = result.decision === "pass" ? 0 : 1;
// #endregion evaluate
