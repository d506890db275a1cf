/**
 * F1 of the words two texts share, each word matched one to one.
 *
 * @returns In [0, 1]. As in SQuAD v2.0, an empty side gives 1 when both are empty, else 0.
 */
export function overlapF1(prediction: readonly string[], reference: readonly string[]): number {
  if (prediction.length === 0 || reference.length === 0) {
    return prediction.length === reference.length ? 1 : 0;
  }
  const remaining = new Map<string, number>();
  for (const token of reference) remaining.set(token, (remaining.get(token) ?? 0) + 1);
  let shared = 0;
  for (const token of prediction) {
    const left = remaining.get(token) ?? 0;
    if (left === 0) continue;
    remaining.set(token, left - 1);
    shared += 1;
  }
  return (2 * shared) / (prediction.length + reference.length);
}
