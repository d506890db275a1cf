import type { ScorerInput } from "../core/index.ts";
import { availableColumns, columnText } from "./row-texts.ts";

export const DEFAULT_AGAINST = "baseline_outputs";

/** The answer that the outputs are compared with. */
export function otherAnswer(
  sample: ScorerInput,
  judge: string,
  column: string,
): { readonly text: string } | { readonly missing: string } {
  const text = columnText(sample, column);
  if (text !== undefined) return { text };
  return {
    missing: `Judge "${judge}" compares the outputs with the column "${column}", which the row does not have; add it, or name another one with \`against\`. Available: ${availableColumns(sample).join(", ")}.`,
  };
}
