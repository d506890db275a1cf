// #region data
import { evaluate } from "assay";
import { exactMatch } from "assay/metrics";

const result = await evaluate({
  data: "answers.jsonl.gz",
  mapping: { question: "data.query", answer: "data.gold" },
  targets: "answer",
  predictions: "reply",
  filter: ({ inputs }) => inputs.lang === "en",
  sample: 0.5,
  seed: 7,
  extraMetrics: [exactMatch()],
});
console.log(result.counts.rows, result.metrics["exact_match/v1"]);
// #endregion data
