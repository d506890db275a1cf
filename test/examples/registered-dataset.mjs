// #region registered-dataset
import { createDataset, evaluate, searchRuns } from "assay";
import { exactMatch } from "assay/metrics";

const questions = await createDataset({ name: "support-questions" });
await questions.mergeRecords([
  {
    inputs: { question: "How long do refunds take?" },
    expectations: { expected_response: "14 days" },
  },
  {
    inputs: { question: "Who pays the return?" },
    expectations: { expected_response: "We do" },
  },
]); // version 1; merging the same rows again changes nothing

await evaluate({
  data: "datasets:/support-questions@1", // the run records name, version and digest
  model: ({ question }) => (question.includes("refunds") ? "14 days" : "You do"),
  extraMetrics: [exactMatch()],
  runName: "first draft",
});

const [best] = await searchRuns({
  filterString: "metrics.`exact_match/v1` >= 0.5 AND NOT tags.archived = 'yes'",
  orderBy: ["metrics.`exact_match/v1` DESC"],
});
console.log(best.name, best.metrics["exact_match/v1"], best.params.data_version);
// #endregion registered-dataset
