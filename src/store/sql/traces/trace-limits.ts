import type { Span, TraceInfo } from "../../../core/index.ts";

/** What fits into an index of PostgreSQL in any script. */
const NAME_LENGTH = 500;
const KEY_LENGTH = 250;
const VALUE_LENGTH = 8000;

/** 2^63 - 1: the year 2262. */
const LATEST_NS = 9_223_372_036_854_775_807n;

type Texts = { readonly [key: string]: string };

/** Telemetry must not fail: what is too long for its column is cut, as MLflow does, with an ellipsis. */
export function infoWithinLimits(info: TraceInfo): TraceInfo {
  const { clientRequestId, tags, metadata } = info;
  return {
    ...info,
    name: cut(info.name, NAME_LENGTH),
    startTime: Math.round(info.startTime),
    ...(clientRequestId !== undefined && { clientRequestId: cut(clientRequestId, NAME_LENGTH) }),
    ...(tags && { tags: textsWithinLimits(tags) }),
    ...(metadata && { metadata: textsWithinLimits(metadata) }),
  };
}

export function spanWithinLimits(span: Span): Span {
  const name = cut(span.name, NAME_LENGTH);
  const startNs = bounded(span.startNs);
  const endNs = bounded(span.endNs);
  const isWithin = name === span.name && startNs === span.startNs && endNs === span.endNs;
  return isWithin ? span : { ...span, name, startNs, endNs };
}

function textsWithinLimits(texts: Texts): Texts {
  return Object.fromEntries(
    Object.entries(texts).map(([key, value]) => [cut(key, KEY_LENGTH), cut(value, VALUE_LENGTH)]),
  );
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function bounded(time: bigint): bigint {
  if (time > LATEST_NS) return LATEST_NS;
  return time < -LATEST_NS ? -LATEST_NS : time;
}
