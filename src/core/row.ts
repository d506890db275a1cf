import type { JsonObject, JsonValue } from "./json.ts";

/** One normalised row of a dataset. */
export interface Row {
  /** The row's own `id`, or the sha256 of its inputs and expectations (with `#k` for the k-th equal row). */
  readonly rowKey: string;
  /** 0-based position in the data. */
  readonly ordinal: number;
  readonly inputs: JsonObject;
  /** What was predicted beforehand, in a static dataset; absent otherwise. */
  readonly outputs?: JsonValue;
  readonly expectations: JsonObject;
  /** What the answer should be grounded in, when the data has it as a column. */
  readonly context?: JsonValue;
  readonly metadata?: JsonObject;
  readonly tags?: JsonObject;
  /** Columns that are none of the above, where `inputs` is given as an object. */
  readonly columns?: JsonObject;
  /** The stored trace that the row is made of, where the data is traces. */
  readonly traceId?: string;
}

/** The text a model or judge reads as "the input": the sole string, else the question, else everything. */
export function soleInput(inputs: JsonObject): JsonValue {
  const values = Object.values(inputs);
  if (values.length === 1) return values[0] as JsonValue;
  return inputs.question ?? inputs.input ?? inputs;
}
