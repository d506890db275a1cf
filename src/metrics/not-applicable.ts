import type { Score } from "../core/score.ts";

/** The scorer has nothing to say on this row; `detail` names what the row lacks. */
export function notApplicable(detail: string): Score {
  return { kind: "unscored", reason: "not-applicable", detail };
}
