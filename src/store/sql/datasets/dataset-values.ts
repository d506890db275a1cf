import {
  AssayError,
  canonicalJson,
  isAssayError,
  isPlainObject,
  type JsonObject,
  type JsonValue,
  type Scrubber,
  sha256,
} from "../../../core/index.ts";
import type { NewDatasetRecord } from "../../ports/index.ts";

/** The members of a record that a merge can change, as the columns hold them: canonical JSON but the id. */
export interface RecordContent {
  readonly row_id: string | null;
  readonly expectations: string;
  readonly tags: string;
  readonly outputs: string | null;
  readonly context: string | null;
  readonly metadata: string | null;
  readonly source: string | null;
}

export const CONTENT_COLUMNS = [
  "row_id",
  "expectations",
  "tags",
  "outputs",
  "context",
  "metadata",
  "source",
] as const satisfies readonly (keyof RecordContent)[];

/** A record of a merge, scrubbed. A member that is `undefined` was not given, `null` takes it away. */
export interface GivenRecord {
  /** 1 for the first of the merge. */
  readonly number: number;
  /** Canonical JSON: which record of the dataset it is. */
  readonly inputs: string;
  /** The first 52 bits of its sha256, under which the database finds it. */
  readonly inputKey: number;
  readonly given: { readonly [column in keyof RecordContent]: string | null | undefined };
}

/** The first 52 bits of the sha256 of a record's inputs. */
export function inputKeyOf(inputs: string): number {
  return Number.parseInt(sha256(inputs).slice(0, 13), 16);
}

/** @throws {AssayError} `invalid-argument` with the number of a record that cannot be used. */
export function givenRecord(
  scrubber: Scrubber,
  record: NewDatasetRecord,
  number: number,
): GivenRecord {
  checkShape(record, number);
  const { id, inputs, expectations, tags, outputs, context, metadata, source } = record;
  const text = (value: JsonValue | undefined) => (value === undefined ? undefined : json(value));
  const json = (value: JsonValue) => {
    const canonical = canonicalJson(scrubber.value(value));
    return canonical === "null" ? null : canonical;
  };
  try {
    const shown = scrubber.value(inputs);
    // What a mask made of the inputs may be anything; a row's inputs are an object.
    const canonical = canonicalJson(isPlainObject(shown) ? shown : { input: shown });
    return {
      number,
      inputs: canonical,
      inputKey: inputKeyOf(canonical),
      given: {
        row_id: id === undefined || id === null ? id : scrubber.key(id),
        expectations: text(expectations),
        tags: text(tags),
        outputs: text(outputs),
        context: text(context),
        metadata: text(metadata),
        source: text(source),
      },
    };
  } catch (cause) {
    if (isAssayError(cause, "internal")) throw cause;
    throw refused(number, "expected values that JSON can hold, found a cycle or a BigInt", cause);
  }
}

/** The content of a record once it has been merged with another one that has the same inputs. */
export function mergedContent(
  known: RecordContent | undefined,
  { given }: GivenRecord,
): RecordContent {
  const merge = (column: "expectations" | "tags") =>
    mergedText(known?.[column] ?? null, given[column]);
  // Outputs as a whole: merged key by key they could become an answer that nobody gave.
  const replace = (column: "row_id" | "outputs" | "context" | "metadata" | "source") =>
    given[column] === undefined ? (known?.[column] ?? null) : given[column];
  return {
    row_id: replace("row_id"),
    expectations: merge("expectations") ?? "{}",
    tags: merge("tags") ?? "{}",
    outputs: replace("outputs"),
    context: replace("context"),
    metadata: replace("metadata"),
    source: replace("source"),
  };
}

export function isSameContent(a: RecordContent, b: RecordContent): boolean {
  return CONTENT_COLUMNS.every((column) => a[column] === b[column]);
}

export function refused(number: number, problem: string, cause?: unknown): AssayError {
  return new AssayError("invalid-argument", `Record ${number}: ${problem}`, { cause });
}

/** Objects are merged key by key; of anything else the later one holds. */
function mergedText(known: string | null, given: string | null | undefined): string | null {
  if (given === undefined || given === known) return known;
  if (known === null || given === null) return given;
  const [before, after] = [JSON.parse(known), JSON.parse(given)] as [JsonValue, JsonValue];
  if (!isPlainObject(before) || !isPlainObject(after)) return given;
  return canonicalJson({ ...before, ...after });
}

function checkShape(record: NewDatasetRecord, number: number): void {
  if (!isPlainObject(record)) throw refused(number, `expected an object, ${found(record)}`);
  const { inputs, id, ...others } = record;
  if (!isPlainObject(inputs)) {
    throw refused(number, `expected inputs to be an object, ${found(inputs)}`);
  }
  for (const member of ["expectations", "metadata", "tags", "source"] as const) {
    const value: JsonObject | null | undefined = record[member];
    if (value === undefined || value === null || isPlainObject(value)) continue;
    throw refused(number, `expected ${member} to be an object, ${found(value)}`);
  }
  if (id !== undefined && id !== null && (typeof id !== "string" || id === "")) {
    throw refused(number, `expected id to be a text that is not empty, ${found(id)}`);
  }
  const isEmpty = (value: unknown) =>
    value === undefined || value === null || (isPlainObject(value) && !hasMembers(value));
  if (!hasMembers(inputs) && Object.values(others).every(isEmpty)) {
    throw refused(number, "expected inputs or at least one other member, found nothing");
  }
}

function hasMembers(value: object): boolean {
  return Object.keys(value).length > 0;
}

function found(value: unknown): string {
  if (value === undefined) return "found none";
  if (value === null) return "found null";
  if (value === "") return "found an empty one";
  return `found ${Array.isArray(value) ? "an array" : `a ${typeof value}`}`;
}
