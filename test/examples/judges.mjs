// #region make-judge
import { evaluate, makeGenaiMetric, makeJudge } from "assay";
import { faithfulness, guidelines, panel } from "assay/judges";

const relevance = makeGenaiMetric({
  name: "answer_quality",
  definition: "Quality measures how well the answer serves the person who asked.",
  gradingPrompt: "1 is useless, 3 helps in part, 5 is all that is needed.",
  examples: [{ input: "Is it open?", output: "Maybe.", score: 1, justification: "Says nothing." }],
});

const tone = makeJudge({
  name: "tone",
  instructions: "How does {{ outputs }} treat the person who asked {{ inputs }}?",
  feedbackValueType: ["friendly", "neutral", "rude"], // or "boolean", "integer", "number", "list"
});

const brief = guidelines({ guidelines: ["At most two sentences.", "No greeting."] });
// #endregion make-judge

// #region scoring-modes
const weighted = faithfulness({ name: "faithfulness_weighted", scoring: "logprobs" });
const voted = faithfulness({ name: "faithfulness_voted", samples: 3 });
const agreed = panel({
  name: "faithfulness_panel",
  judges: [
    faithfulness({ model: "openai:/gpt-4o-mini" }),
    faithfulness({ model: "openai:/gpt-4o" }),
  ],
});
// #endregion scoring-modes

const result = await evaluate({
  data: [{ question: "Is it open?", context: "Open from nine to five.", answer: "Until five." }],
  predictions: "answer",
  judgeModel: "openai:/gpt-4o-mini",
  extraMetrics: [relevance, tone, brief, weighted, voted, agreed],
});
console.log(JSON.stringify(result.metrics, (_, value) => value));
