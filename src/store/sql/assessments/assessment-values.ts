import type { Insertable } from "kysely";
import {
  ASSESSMENT_SOURCES,
  AssayError,
  type JsonValue,
  type NewAssessment,
  newRunId,
  type Scrubber,
} from "../../../core/index.ts";
import type { Schema } from "../schema.ts";

const NAME_LENGTH = 250;

type Columns = Omit<Insertable<Schema["assessments"]>, "id" | "trace" | "run">;

/** @throws {AssayError} `invalid-argument` for an assessment without a name, or with no value and no error. */
export function assessmentColumns(scrubber: Scrubber, given: NewAssessment, now: number): Columns {
  const { kind, source, error, spanId, rationale, overrides, metadata = {} } = given;
  checkAssessment(given);
  return {
    assessment_id: given.assessmentId ?? `a-${newRunId()}`,
    span_id: spanId ?? null,
    name: scrubber.name(given.name),
    kind,
    ...valueColumns(scrubber, given.value),
    error: error === undefined ? null : scrubber.json({ ...error }),
    source_type: source.type,
    source_id: source.id === undefined ? null : scrubber.text(source.id),
    rationale: rationale === undefined ? null : scrubber.text(rationale),
    metadata: scrubber.json(metadata),
    overrides: overrides ?? null,
    valid: 1,
    creation_time: now,
    last_update_time: now,
  };
}

/** A value with what it is found by. */
export function valueColumns(
  scrubber: Scrubber,
  value: JsonValue | undefined,
): Pick<Columns, "value" | "number" | "label"> {
  if (value === undefined) return { value: null, number: null, label: null };
  const json = scrubber.json(value);
  const kept = JSON.parse(json) as JsonValue;
  const isNumber = typeof kept === "number";
  return {
    value: json,
    number: isNumber ? kept : typeof kept === "boolean" ? Number(kept) : null,
    label: typeof kept === "string" ? kept : json,
  };
}

export function checkName(name: unknown): void {
  if (typeof name === "string" && name.trim() !== "" && name.length <= NAME_LENGTH) return;
  throw new AssayError(
    "invalid-argument",
    `Expected an assessment to have a name of 1 to ${NAME_LENGTH} characters`,
  );
}

function checkAssessment({ name, kind, value, error, source }: NewAssessment): void {
  checkName(name);
  if (kind !== "feedback" && kind !== "expectation") {
    throw new AssayError(
      "invalid-argument",
      "Expected an assessment to be feedback or expectation",
    );
  }
  if (!ASSESSMENT_SOURCES.includes(source.type)) {
    throw new AssayError(
      "invalid-argument",
      `Expected the source of an assessment to be one of ${ASSESSMENT_SOURCES.join(", ")}`,
    );
  }
  if ((value === undefined) === (error === undefined)) {
    throw new AssayError("invalid-argument", "Expected an assessment to have a value or an error");
  }
  if (error !== undefined && kind === "expectation") {
    throw new AssayError("invalid-argument", "Expected an expectation to have a value");
  }
}
