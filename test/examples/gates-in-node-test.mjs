// #region node-test
import { test } from "node:test";
import { defineScorer, evaluate } from "assay";
import { assertPassesGate, assertScoresAtLeast } from "assay/gates";

const isShort = defineScorer({ name: "is_short" }, ({ output }) => String(output).length < 40);

test("answers are short", async () => {
  const result = await evaluate({
    data: [{ inputs: { question: "How long do refunds take?" } }],
    model: () => "Five days.",
    scorers: [isShort],
  });
  await assertPassesGate(result, "is_short >= 90%");
  for await (const row of result.rows()) assertScoresAtLeast(row, "is_short", 1);
});
// #endregion node-test
