import type { Field, SearchTarget, SpanField } from "./filter.ts";
import { closestOf, quoted } from "./search-error.ts";
import type { TokenCursor } from "./token-cursor.ts";
import {
  DATASET_KEYS,
  type FieldType,
  KEYED_TYPES,
  SPAN_TYPES,
  VOCABULARIES,
  type Vocabulary,
} from "./vocabulary.ts";

export interface ResolvedField {
  readonly field: Field | SpanField;
  readonly type: FieldType;
  /** For messages, e.g. `the metric "accuracy"`. */
  readonly label: string;
}

interface Name {
  readonly entity?: string;
  readonly key: string;
}

/**
 * Takes the name of a field: `entity.key`, or an attribute alone.
 *
 * @throws {AssayError} `invalid-argument` naming the entities or attributes there are.
 */
export function takeField(cursor: TokenCursor, target: SearchTarget): ResolvedField {
  const token = cursor.current;
  const vocabulary: Vocabulary = VOCABULARIES[target];
  const name = nameOf(cursor, vocabulary);
  const { key } = name;
  const entity = name.entity === undefined ? "attribute" : lookUp(vocabulary.entities, name.entity);
  const oneOf = (what: string, known: readonly string[], written = key) =>
    cursor.failure(
      `a field of ${target}; ${what} ${known.join(", ")}`,
      adviceFor(written, known),
      token,
    );
  cursor.take();
  switch (entity) {
    case undefined:
      throw oneOf(
        "before the first dot stands one of",
        Object.keys(vocabulary.entities),
        name.entity,
      );
    case "attribute": {
      const resolved = attribute(vocabulary, key);
      if (resolved === undefined) throw oneOf("its attributes are", attributeNames(vocabulary));
      return resolved;
    }
    case "dataset": {
      const known = DATASET_KEYS.find((each) => each === key);
      if (known === undefined) throw oneOf("of datasets there are", DATASET_KEYS);
      return { field: { entity, key: known }, type: "text", label: `the dataset ${known}` };
    }
    case "span": {
      const resolved = spanField(key);
      const known = [...Object.keys(SPAN_TYPES), "attributes.<name>"];
      if (resolved === undefined) throw oneOf("of spans there are", known);
      return resolved;
    }
    case "issue":
      if (key !== "id") throw oneOf("of issues there is", ["id"]);
      return { field: { entity, key }, type: "link", label: "the issue" };
    default: {
      const field = { entity, key } as Field;
      return { field, type: KEYED_TYPES[entity], label: `the ${entity} ${quoted(key)}` };
    }
  }
}

/** The current token as a name; double quotes make a name of an attribute too. */
function nameOf(cursor: TokenCursor, vocabulary: Vocabulary): Name {
  const token = cursor.current;
  const isName = token.kind === "name" || (token.kind === "string" && token.text.startsWith('"'));
  if (!isName) throw cursor.failure("a field, such as metrics.accuracy or status");
  if (token.kind === "name" && token.entity !== undefined) return token;
  const key = token.kind === "name" ? token.key : token.value;
  // MLflow's order_by also takes quotes around the whole, as in `metrics.accuracy`.
  const dot = key.indexOf(".");
  return dot > 0 && dot < key.length - 1 && lookUp(vocabulary.entities, key.slice(0, dot))
    ? { entity: key.slice(0, dot), key: key.slice(dot + 1) }
    : { key };
}

function attribute(vocabulary: Vocabulary, written: string): ResolvedField | undefined {
  const alias = lookUp(vocabulary.aliases, written) ?? written;
  const label = `the attribute ${quoted(written)}`;
  if (typeof alias === "object") return { field: alias, type: typeOf(alias), label };
  const type = lookUp(vocabulary.attributes, alias);
  if (type === undefined) return undefined;
  return { field: { entity: "attribute", key: alias } as Field, type, label };
}

/** Of the fields that have an alias. */
function typeOf(field: Field | SpanField): FieldType {
  if (field.entity === "span") return SPAN_TYPES[field.key];
  return field.entity === "metadata" ? KEYED_TYPES.metadata : "link";
}

const SPAN_ATTRIBUTES = "attributes.";

function spanField(key: string): ResolvedField | undefined {
  if (key.startsWith(SPAN_ATTRIBUTES) && key.length > SPAN_ATTRIBUTES.length) {
    const name = key.slice(SPAN_ATTRIBUTES.length);
    const label = `the span attribute ${quoted(name)}`;
    return { field: { entity: "span-attribute", key: name }, type: "text", label };
  }
  if (!Object.hasOwn(SPAN_TYPES, key)) return undefined;
  const known = key as keyof typeof SPAN_TYPES;
  return {
    field: { entity: "span", key: known },
    type: SPAN_TYPES[known],
    label: `the span ${key}`,
  };
}

const attributeNames = ({ attributes, aliases }: Vocabulary) => [
  ...Object.keys(attributes),
  ...Object.entries(aliases).flatMap(([name, alias]) => (typeof alias === "object" ? [name] : [])),
];

function adviceFor(written: string, known: readonly string[]): string | undefined {
  const closest = closestOf(written, known);
  return closest === undefined ? undefined : `Perhaps ${closest} is meant`;
}

/** Own members only: `constructor` is no field. */
function lookUp<Value>(table: { readonly [key: string]: Value }, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
