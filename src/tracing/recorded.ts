import type { Attributes, AttributeValue, Span as OtelSpan } from "@opentelemetry/api";
import type { JsonValue } from "../core/index.ts";
import { ATTRIBUTES } from "../otlp/index.ts";

/**
 * What is recorded of a span, by attribute. Content (inputs, outputs, messages) is the value itself, which
 * nobody else changes any more; everything else is what an attribute of OpenTelemetry can be.
 */
export type Recorded = { readonly [attribute: string]: JsonValue | undefined };

const CONTENT: ReadonlySet<string> = new Set([
  ATTRIBUTES.input,
  ATTRIBUTES.output,
  ATTRIBUTES.inputMessages,
  ATTRIBUTES.outputMessages,
]);

/** Recorded things that are worked out when somebody asks for the span, from what was known at the time. */
interface Later<T = unknown> {
  readonly given: T;
  readonly make: (given: T) => Recorded;
}

/**
 * What a span keeps beside its attributes, which can hold content as JSON text alone. To make that text,
 * and to read it again for the store, would take longer than all the rest of a span, and in the
 * program's own time.
 */
export interface Held {
  readonly content: { [attribute: string]: JsonValue };
  later: readonly Later[];
}

const HELD = Symbol("assay.held");

interface Holding {
  [HELD]?: Held;
}

/** From now on the span holds content as it is: nobody but Assay reads it. */
export function holdContent(span: object): void {
  (span as Holding)[HELD] = { content: {}, later: [] };
}

/** Absent for a span of the program's own provider, whose exporters know attributes alone. */
export function heldBy(span: object): Held | undefined {
  return (span as Holding)[HELD];
}

/** Does nothing once the span has ended. */
export function record(span: OtelSpan, recorded: Recorded): void {
  const held = heldBy(span);
  if (held === undefined) {
    span.setAttributes(attributesOf(recorded));
    return;
  }
  if (!span.isRecording()) return;
  for (const name in recorded) {
    const value = recorded[name];
    if (value === undefined) continue;
    if (CONTENT.has(name)) held.content[name] = value;
    else span.setAttribute(name, value as AttributeValue);
  }
}

/**
 * Records what `make` says of `given`, outside the program's time where that can be.
 *
 * @param given - Nobody else changes it any more.
 */
export function recordLater<T>(span: OtelSpan, given: T, make: (given: T) => Recorded): void {
  const held = heldBy(span);
  if (held === undefined) record(span, make(given));
  else if (span.isRecording()) held.later = [...held.later, { given, make } as Later];
}

/** As OpenTelemetry's attributes, with content as JSON text. */
export function attributesOf(recorded: Recorded): Attributes {
  const attributes: Attributes = {};
  for (const name in recorded) {
    const value = recorded[name];
    if (value === undefined) continue;
    attributes[name] = CONTENT.has(name) ? JSON.stringify(value) : (value as AttributeValue);
  }
  return attributes;
}

/** Everything that a span holds beside its attributes. */
export function heldRecord({ content, later }: Held): Recorded {
  return Object.assign({}, ...later.map(({ given, make }) => make(given)), content) as Recorded;
}

/** Members of a list beyond these are taken to be like them. */
const SAMPLE = 100;

/** About how many characters a value that is held takes. */
export function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 8;
  let size = 16;
  if (!Array.isArray(value)) {
    for (const name in value) size += sizeOf((value as { [name: string]: unknown })[name]);
    return size;
  }
  const { length } = value;
  const most = Math.min(length, SAMPLE);
  for (let at = 0; at < most; at++) size += sizeOf(value[at]);
  return length <= SAMPLE ? size : (size * length) / SAMPLE;
}
