import { expect, test } from "vitest";
import { CommonSubsequence } from "../../src/metrics/common-subsequence.ts";

test("long texts give the length and the positions of google-research/rouge's table", () => {
  const tokens = (seed: number, length: number) =>
    Int32Array.from({ length }, (_, i) => (seed * (i + 5) ** 2 + (i >> 1)) % 5);
  for (const length of [1, 31, 32, 33, 64, 90]) {
    for (let seed = 1; seed <= 20; seed += 1) {
      const [reference, prediction] = [tokens(seed, length), tokens(seed + 3, 100 - length)];
      const subsequence = new CommonSubsequence(reference, 5);
      const positions = new Uint8Array(length);
      subsequence.mark(prediction, positions);
      const expected = tracedPositions(reference, prediction);
      expect([...positions]).toEqual(expected);
      expect(subsequence.length(prediction)).toBe(expected.filter((mark) => mark === 1).length);
    }
  }
});

test("an empty side has nothing in common", () => {
  const subsequence = new CommonSubsequence(new Int32Array(0), 1);
  expect(subsequence.length(Int32Array.of(0))).toBe(0);
  expect(new CommonSubsequence(Int32Array.of(0), 1).length(new Int32Array(0))).toBe(0);
});

/** `_lcs_table` and `_backtrack_norec` of rouge_score 0.1.2. */
function tracedPositions(reference: Int32Array, prediction: Int32Array): number[] {
  const table = [new Array<number>(prediction.length + 1).fill(0)];
  const at = (i: number, j: number) => table[i]?.[j] ?? 0;
  for (let i = 1; i <= reference.length; i += 1) {
    const row = [0];
    table.push(row);
    for (let j = 1; j <= prediction.length; j += 1) {
      const same = reference[i - 1] === prediction[j - 1];
      row.push(same ? at(i - 1, j - 1) + 1 : Math.max(at(i - 1, j), at(i, j - 1)));
    }
  }
  const positions = new Array<number>(reference.length).fill(0);
  let [i, j] = [reference.length, prediction.length];
  while (i > 0 && j > 0) {
    if (reference[i - 1] === prediction[j - 1]) {
      i -= 1;
      j -= 1;
      positions[i] = 1;
    } else if (at(i, j - 1) > at(i - 1, j)) j -= 1;
    else i -= 1;
  }
  return positions;
}
