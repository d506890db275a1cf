import type { Selectable } from "kysely";
import { type Score, type UnscoredReason, verdictNumber } from "../../../core/index.ts";
import type { Schema } from "../schema.ts";

type Columns = Pick<
  Selectable<Schema["scores"]>,
  "kind" | "value" | "label" | "reason" | "note" | "part_name"
>;

/** A score as the columns of `scores`. */
export function toColumns(score: Score): Columns {
  const part_name = score.part ?? null;
  if (score.kind === "unscored") {
    const { reason, detail: note } = score;
    return { kind: "u", value: null, label: null, reason, note, part_name };
  }
  const others = { reason: null, note: score.rationale ?? null, part_name };
  switch (typeof score.value) {
    case "number":
      return { kind: "n", value: score.value, label: null, ...others };
    case "boolean":
      return { kind: "b", value: score.value ? 1 : 0, label: null, ...others };
    default:
      return {
        kind: "s",
        value: verdictNumber(score.value) ?? null,
        label: score.value,
        ...others,
      };
  }
}

export function fromColumns(row: Columns): Score {
  const part = row.part_name === null ? {} : { part: row.part_name };
  if (row.kind === "u") {
    const reason = row.reason as UnscoredReason;
    return { kind: "unscored", reason, detail: row.note ?? "", ...part };
  }
  const rationale = row.note === null ? {} : { rationale: row.note };
  const value = row.kind === "s" ? row.label : row.kind === "b" ? row.value === 1 : row.value;
  return { kind: "scored", value: value as number | boolean | string, ...rationale, ...part };
}
