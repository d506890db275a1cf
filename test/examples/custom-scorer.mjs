// #region custom-scorer
import { defineScorer, evaluate } from "assay";

const citesASource = defineScorer({ name: "cites_a_source", version: "v1" }, ({ outputs }) =>
  /\[\d+\]/.test(String(outputs)),
);

const result = await evaluate({
  data: [
    { question: "Who wrote TCP?", answer: "Cerf and Kahn [1]." },
    { question: "And UDP?", answer: "David Reed." },
  ],
  predictions: "answer", // outputs made beforehand: no model is called
  scorers: [citesASource],
});

console.log(result.metrics["cites_a_source/v1/mean"]);
// #endregion custom-scorer
