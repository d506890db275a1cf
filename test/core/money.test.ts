import { expect, test } from "vitest";
import { dollarsText } from "../../src/core/index.ts";

test.each([
  [0, "$0.0000"],
  [12.34567, "$12.3457"],
  [0.0123, "$0.0123"],
  [0.00015, "$0.00015"],
  [0.000009, "$0.000009"],
  [0.00000123, "$0.0000012"],
  [1e-12, "$0.000000000001"],
])("%d US dollars are shown as %s, and never as 0 where they are not", (dollars, text) => {
  expect(dollarsText(dollars)).toBe(text);
});
