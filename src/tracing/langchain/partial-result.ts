import type { Attributes } from "@opentelemetry/api";
import { tracingSettings } from "../settings.ts";
import { responseAttributes } from "./model-call.ts";

interface Concatenable {
  concat?(other: unknown): unknown;
}

/** What a model has streamed so far, for a run that its consumer leaves. */
export function partialResult(): { add(chunk: unknown): void; attributes(): Attributes } {
  const chunks: unknown[] = [];
  return {
    add: (chunk) => {
      chunks.push(chunk);
    },
    attributes: () => {
      if (chunks.length === 0) return {};
      try {
        const whole = chunks.reduce((sum, chunk) => (sum as Concatenable).concat?.(chunk) ?? sum);
        return responseAttributes({ generations: [[whole as object]] }, tracingSettings().content);
      } catch {
        // Chunks that do not fit each other: the run ends without its output.
        return {};
      }
    },
  };
}
