import type { IdGenerator } from "@opentelemetry/sdk-trace-base";
import { type Clock, systemClock } from "../core/index.ts";

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * Trace ids that begin with their time: 48 bits of milliseconds, then 80 random ones. A store that keeps
 * traces in an index by id appends to it, where wholly random ids touch another page for each trace. The
 * last 56 bits are random, as W3C Trace Context Level 2 asks for sampling by them.
 */
export function orderedIds(
  clock: Pick<Clock, "now"> = systemClock,
  random: () => number = Math.random,
): IdGenerator {
  const hex = (digits: 4 | 8) => {
    const bits = Math.floor(random() * 2 ** (digits * 4));
    const low = (BYTES[(bits >>> 8) & 255] as string) + BYTES[bits & 255];
    return digits === 4 ? low : (BYTES[bits >>> 24] as string) + BYTES[(bits >>> 16) & 255] + low;
  };
  const spanId = (): string => {
    const id = hex(8) + hex(8);
    // All zeros mean "no span".
    return id === "0000000000000000" ? "0000000000000001" : id;
  };
  return {
    generateTraceId: () => clock.now().toString(16).padStart(12, "0") + hex(4) + spanId(),
    generateSpanId: spanId,
  };
}
