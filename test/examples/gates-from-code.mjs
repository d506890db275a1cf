// #region thresholds
import { findValidationFailures, validateEvaluationResults } from "assay/gates";

const thresholds = {
  "exact_match/v1": { threshold: 0.8, minAbsoluteChange: 0.05, greaterIsBetter: true },
  "latency/mean": { threshold: 2, greaterIsBetter: false },
};
const baseline = { metrics: { "exact_match/v1": 0.75, "latency/mean": 1.4 } };
const candidate = { metrics: { "exact_match/v1": 0.82, "latency/mean": 1.2 } };

validateEvaluationResults(thresholds, candidate, baseline); // throws what is not good enough
console.log(findValidationFailures(thresholds, baseline, candidate)); // or a list of it
// #endregion thresholds
