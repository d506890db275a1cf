import type { Filter, SpanComparison, SpanFilter } from "./filter.ts";

/**
 * Which span comparisons speak of one span.
 *
 * Those of one AND chain do, and so does an OR of single comparisons within that chain:
 * `span.type = 'LLM' AND (span.name = 'a' OR span.name = 'b')` asks for one LLM span with either
 * name. A comparison or a chain in parentheses of its own speaks of a span of its own:
 * `(span.type = 'LLM') AND (span.type = 'TOOL')` asks for two. So does everything under NOT:
 * `NOT span.status = 'ERROR'` says that no span failed.
 */

/** Alternatives that may still join others on the same span. */
export interface OpenSpan {
  readonly kind: "open-span";
  readonly alternatives: readonly SpanComparison[];
}

/** A filter while its surroundings are still being read. */
export type Draft = Filter | OpenSpan;

export function openSpan(comparison: SpanComparison): OpenSpan {
  return { kind: "open-span", alternatives: [comparison] };
}

/** Nothing joins this draft any more. */
export function close(draft: Draft): Filter {
  return draft.kind === "open-span" ? spanFilter([draft]) : draft;
}

/** What parentheses around a draft make of it. */
export function closeInParentheses(draft: Draft): Draft {
  const isAlternatives = draft.kind === "open-span" && draft.alternatives.length > 1;
  return isAlternatives ? draft : close(draft);
}

export function joinAnd(drafts: readonly Draft[]): Draft {
  const open = drafts.filter((draft) => draft.kind === "open-span");
  const [only] = drafts;
  if (only !== undefined && drafts.length === 1) return only;
  const filters = drafts.flatMap((draft) => {
    if (draft.kind !== "open-span") return [draft];
    return draft === open[0] ? [spanFilter(open)] : [];
  });
  const [single] = filters;
  return single !== undefined && filters.length === 1 ? single : { kind: "and", filters };
}

export function joinOr(drafts: readonly Draft[]): Draft {
  const [only] = drafts;
  if (only !== undefined && drafts.length === 1) return only;
  const open = drafts.filter((draft) => draft.kind === "open-span");
  if (open.length === drafts.length) {
    return { kind: "open-span", alternatives: open.flatMap(({ alternatives }) => alternatives) };
  }
  return { kind: "or", filters: drafts.map(close) };
}

function spanFilter(open: readonly OpenSpan[]): SpanFilter {
  return { kind: "span", clauses: open.map(({ alternatives }) => alternatives) };
}
