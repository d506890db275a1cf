// #region eval-file
import { defineEval } from "assay";
import { correctness, relevance } from "assay/judges";

interface Inputs {
  readonly question: string;
}

async function answer({ question }: Inputs): Promise<string> {
  return question.includes("refund") ? "Refunds take five days." : "Please write to support.";
}

export default defineEval({
  name: "support-bot",
  data: [
    { id: "refund", question: "How long does a refund take?", answer: "Five days" },
    { id: "phone", question: "What is your phone number?", answer: "There is none" },
  ],
  model: answer,
  targets: "answer",
  judgeModel: "openai:/gpt-4o-mini",
  extraMetrics: [relevance(), correctness()],
  gates: ["relevance/v1/mean >= 3"],
});
// #endregion eval-file
