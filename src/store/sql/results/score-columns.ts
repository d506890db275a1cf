import type { Insertable, Selectable } from "kysely";
import { type Score, type UnscoredReason, verdictNumber } from "../../../core/index.ts";
import type { Schema } from "../schema.ts";

type Columns = Pick<
  Insertable<Schema["scores"]>,
  "kind" | "value" | "label" | "reason" | "note" | "part_name"
>;

/** A score as the columns of `scores`. */
export function toColumns(score: Score): Columns {
  const part_name = score.part ?? null;
  if (score.kind === "unscored") {
    const { reason, detail: note } = score;
    return { kind: "u", value: null, label: null, reason, note, part_name };
  }
  const note = score.rationale ?? null;
  const empty = { value: null, label: null, reason: null, note, part_name };
  switch (typeof score.value) {
    case "number":
      return { ...empty, kind: "n", value: score.value };
    case "boolean":
      return { ...empty, kind: "b", value: score.value ? 1 : 0 };
    default:
      return { ...empty, kind: "s", value: verdictNumber(score.value) ?? null, label: score.value };
  }
}

export function fromColumns(row: Pick<Selectable<Schema["scores"]>, keyof Columns>): Score {
  const part = row.part_name === null ? {} : { part: row.part_name };
  if (row.kind === "u") {
    const reason = row.reason as UnscoredReason;
    return { kind: "unscored", reason, detail: row.note ?? "", ...part };
  }
  const rationale = row.note === null ? {} : { rationale: row.note };
  const value = row.kind === "s" ? row.label : row.kind === "b" ? row.value === 1 : row.value;
  return { kind: "scored", value: value as number | boolean | string, ...rationale, ...part };
}
