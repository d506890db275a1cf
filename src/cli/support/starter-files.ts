const EVAL_FILE = `import { defineEval } from "assay";
import { relevance } from "assay/judges";

// Needs OPENAI_API_KEY. To try it without, with baselines that are no LLM, add to the command:
// --model offline:/reader --judge-model offline:/lexical-judge
export default defineEval({
  name: "capitals",
  data: "capitals.jsonl",
  model: "openai:/gpt-4o-mini",
  prompt: "Answer from the context.\\n\\nContext: {{ context }}\\n\\nQuestion: {{ question }}",
  targets: "answer",
  modelType: "question-answering",
  judgeModel: "openai:/gpt-4o-mini",
  extraMetrics: [relevance()],
  gates: ["relevance/v1/mean >= 3"],
});
`;

const ROWS = [
  {
    id: "france",
    question: "What is the capital of France?",
    context:
      "France lies in western Europe. The capital of France is Paris. Lyon is known for its food.",
    answer: "Paris",
  },
  {
    id: "australia",
    question: "Which city is the capital of Australia?",
    context:
      "Sydney is the largest city of Australia. The capital of Australia is the city of Canberra.",
    answer: "Canberra",
  },
  {
    id: "turkey",
    question: "What is the seat of government of Turkey?",
    context:
      "Istanbul is the largest city of Turkey. The seat of government of Turkey has been Ankara since 1923.",
    answer: "Ankara",
  },
];

const WORKFLOW = `name: eval
on:
  pull_request:
  push:
    branches: [main]
jobs:
  eval:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 24
      - run: npm ci
      # Exit code 1 when a gate fails, 2 without the key, 4 when too many rows have no score.
      - run: npx assay eval evals/capitals.eval.mjs -o eval-results.jsonl
        env:
          # Pull requests from forks get no secrets.
          OPENAI_API_KEY: \${{ secrets.OPENAI_API_KEY }}
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: eval-results
          path: eval-results.jsonl
`;

/** What \`assay init\` writes, by path. */
export const STARTER_FILES: { readonly [path: string]: string } = {
  "evals/capitals.eval.mjs": EVAL_FILE,
  "evals/capitals.jsonl": ROWS.map((row) => `${JSON.stringify(row)}\n`).join(""),
  ".github/workflows/eval.yml": WORKFLOW,
};
