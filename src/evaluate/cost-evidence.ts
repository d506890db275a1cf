import { counted } from "../core/index.ts";
import type { Evidence } from "../gates/index.ts";
import type { UnknownCosts } from "../store/index.ts";

/** Models that are paid for by the token, so that an answer which tells of none has a cost all the same. */
const PAID = /^(?:openai|anthropic|azure|gateway|openai-compatible):\//;

/**
 * What a run cost, with how much is not known of it: what was counted is then the least that it cost.
 *
 * @param cost - US dollars, of the answers whose cost is known.
 * @param model - What the model under test is called; a URI where it is no code of the caller's.
 */
export function costEvidence(
  cost: number,
  { unpriced, silent, judges }: UnknownCosts,
  model: string | undefined,
): Evidence {
  const unknown = unpriced + judges + (PAID.test(model ?? "") ? silent : 0);
  if (unknown === 0) return { estimate: cost };
  const noInterval = `the cost of ${counted(unknown, "answer")} is not known`;
  return { estimate: cost, range: { lower: cost, upper: Number.POSITIVE_INFINITY }, noInterval };
}

/** That a part of the cost is not known, in a line; none where all of it is. */
export function costNotes({ noInterval }: Evidence): string[] {
  return noInterval === undefined
    ? []
    : [`${noInterval}: what is counted is the least that the run cost`];
}
