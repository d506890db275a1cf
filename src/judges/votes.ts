import type { Score } from "../core/index.ts";

export type Reduction = "mean" | "majority";

/**
 * Several votes as one score, followed by the votes as parts.
 *
 * More than half of the votes must be there: then what is missing could not have made another majority of
 * the rest. A majority is of equal values; where several values have most votes, numbers give their mean
 * and texts no verdict.
 *
 * @param votes - With their names as `part`.
 */
export function reduceVotes(votes: readonly Score[], reduction: Reduction): Score[] {
  const cast = votes.filter((vote) => vote.kind === "scored");
  const failed = votes.find((vote) => vote.kind === "unscored" && vote.reason !== "not-applicable");
  const first = votes.find((vote) => vote.kind === "unscored");
  if (cast.length * 2 <= votes.length || cast.length === 0) {
    const why = failed ?? first;
    const reason = why?.kind === "unscored" ? why.reason : "not-applicable";
    const detail = why?.kind === "unscored" ? why.detail : "there are no votes";
    const count = votes.length > 1 ? `${cast.length} of ${votes.length} votes; ` : "";
    return [{ kind: "unscored", reason, detail: `${count}${detail}` }, ...votes];
  }
  const missing = votes.length - cast.length;
  const told = (what: string) => `${what}${missing > 0 ? `; ${missing} without a verdict` : ""}.`;
  const values = cast.map(({ value }) => value);
  const list = tally(values)
    .map(([value, count]) => `${value} × ${count}`)
    .join(", ");
  if (reduction === "mean") {
    const mean = values.reduce<number>((sum, value) => sum + Number(value), 0) / values.length;
    return [
      { kind: "scored", value: mean, rationale: told(`Mean of ${values.length} votes: ${list}`) },
      ...votes,
    ];
  }
  const winners = mostCommon(values);
  const rationale = told(`Majority of ${values.length} votes: ${list}`);
  const [winner] = winners;
  if (winners.length === 1 && winner !== undefined) {
    return [{ kind: "scored", value: winner, rationale }, ...votes];
  }
  if (winners.some((value) => typeof value === "string")) {
    const detail = told(`no majority among ${values.length} votes: ${list}`);
    return [{ kind: "unscored", reason: "scorer-failed", detail }, ...votes];
  }
  const value = winners.reduce<number>((sum, one) => sum + Number(one), 0) / winners.length;
  return [{ kind: "scored", value, rationale }, ...votes];
}

type Value = number | boolean | string;

function tally(values: readonly Value[]): [Value, number][] {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

function mostCommon(values: readonly Value[]): Value[] {
  const counts = tally(values);
  const most = counts[0]?.[1];
  return counts.filter(([, count]) => count === most).map(([value]) => value);
}
