// #region vitest
import { evaluate, makeGenaiMetric } from "assay";
import { describeEval } from "assay/vitest";
import { expect, test } from "vitest";

const relevance = makeGenaiMetric({
  name: "relevance",
  definition: "Relevance measures how well the answer addresses the user's question.",
  gradingPrompt: "Score the relevance from 1-5. 1 is irrelevant, 5 is perfect.",
  model: "offline:/lexical-judge", // yours, e.g. openai:/gpt-4o-mini
});
const support = {
  data: [{ inputs: { question: "How long do refunds take?" } }],
  model: () => "Refunds take five days.",
  extraMetrics: [relevance],
};

describeEval("support bot", { ...support, gates: ["relevance >= 2"] });

test("refunds", async () => {
  const result = await evaluate(support);
  await expect(result).toPassGate("relevance/v1/mean >= 2"); // { strict: true } demands proof
  for await (const row of result.rows()) expect(row).toScoreAtLeast("relevance", 2);
});
// #endregion vitest
