import { expect, test } from "vitest";
import { foldCase } from "../../../src/store/search/index.ts";

test.each([
  ["GPT-4o", "gpt-4o"],
  ["ÄÖÜ", "äöü"],
  ["ΟΔΟΣ", "οδοσ"],
  ["οδος", "οδοσ"],
  ["İ", "i\u0307"],
  ["straße", "straße"],
  ["100\\%_\\\\", "100\\%_\\\\"],
])("%s folds to %s", (text, folded) => {
  expect(foldCase(text)).toBe(folded);
});

test("folding does not depend on what surrounds a letter", () => {
  // A pattern is folded without the text it will be found in.
  expect(foldCase("ΟΔΟΣ ΑΒ")).toBe(foldCase("ΟΔΟΣ") + foldCase(" ΑΒ"));
  expect(foldCase("ΣΑΣ")).toBe(foldCase("Σ") + foldCase("Α") + foldCase("Σ"));
});
