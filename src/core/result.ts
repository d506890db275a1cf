import type { JsonObject, JsonValue } from "./json.ts";
import type { Score } from "./score.ts";

/** What was used; a count that the provider did not report is absent, never 0. */
export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** US dollars. */
  readonly cost?: number;
}

export function addUsage(total: Usage, more: Usage): Usage {
  const sum = (a?: number, b?: number) => (a === undefined ? b : b === undefined ? a : a + b);
  return withoutAbsent({
    inputTokens: sum(total.inputTokens, more.inputTokens),
    outputTokens: sum(total.outputTokens, more.outputTokens),
    cost: sum(total.cost, more.cost),
  });
}

/** What one trial of one row gave: outputs, or the error that stood in their place. */
export interface ResultRow {
  readonly rowKey: string;
  readonly ordinal: number;
  readonly trial: number;
  readonly inputs: JsonObject;
  readonly outputs?: JsonValue;
  /** `Name: message` of what the model threw; present exactly when `outputs` is absent. */
  readonly error?: string;
  readonly expectations: JsonObject;
  /** By scorer key, e.g. `relevance/v1`: the verdict on the row as a whole. */
  readonly scores: { readonly [scorer: string]: Score };
  /**
   * By scorer key, where they were asked for: votes, claims, documents, each under the name of its `part`,
   * as the scorer gave them. A scorer that gave none is absent.
   */
  readonly parts?: { readonly [scorer: string]: readonly Score[] };
  readonly latencyMs?: number;
  readonly usage?: Usage;
  readonly traceId?: string;
  readonly metadata?: JsonObject;
  readonly tags?: JsonObject;
  /** Columns of the row that have no meaning of their own. */
  readonly columns?: JsonObject;
}

/** `object` without the members that are `undefined`. */
export function withoutAbsent<T extends object>(
  object: {
    [K in keyof T]: T[K] | undefined;
  },
): { [K in keyof T]: Exclude<T[K], undefined> } {
  const present: { [member: string]: unknown } = {};
  for (const [member, value] of Object.entries(object)) {
    if (value !== undefined) present[member] = value;
  }
  return present as { [K in keyof T]: Exclude<T[K], undefined> };
}
