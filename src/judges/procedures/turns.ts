import type { Score } from "../../core/index.ts";
import { asPart, notApplicable, type Procedure, withParts } from "../procedure.ts";
import { conversationTurns, turnsText } from "../row-texts.ts";

/**
 * A verdict on each answer of a conversation, with all that was said before it; the worst is the row's.
 *
 * @param greaterIsBetter - Which end of the scale the worst is at.
 */
export function perTurn(greaterIsBetter: boolean): Procedure {
  const worst = greaterIsBetter ? Math.min : Math.max;
  return {
    name: "turns",
    verdicts: (sample) =>
      conversationTurns(sample).filter(({ role }) => role === "assistant").length,
    run: async ({ sample, texts, verdict }) => {
      const turns = conversationTurns(sample);
      const answers = turns.flatMap(({ role }, index) => (role === "assistant" ? [index] : []));
      const parts = await Promise.all(
        answers.map(async (index): Promise<Score> => {
          const part = `turn ${index + 1}`;
          const given = texts(new Map([["conversation", turnsText(turns.slice(0, index + 1))]]));
          return "missing" in given
            ? { ...notApplicable(given.missing), part }
            : asPart(await verdict(given.found), part);
        }),
      );
      return withParts(parts, (values) => {
        const value = worst(...values);
        const at = parts.find((part) => part.kind === "scored" && Number(part.value) === value);
        const why = at?.kind === "scored" ? (at.rationale ?? "") : "";
        return { value, rationale: `The worst of ${values.length} is ${at?.part}. ${why}`.trim() };
      });
    },
  };
}
