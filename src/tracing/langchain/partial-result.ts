import type { Recorded } from "../recorded.ts";
import { tracingSettings } from "../settings.ts";
import { responseRecord } from "./model-call.ts";

interface Concatenable {
  concat?(other: unknown): unknown;
}

/** What a model has streamed so far, for a run that its consumer leaves. */
export function partialResult(): { add(chunk: unknown): void; recorded(): Recorded } {
  const chunks: unknown[] = [];
  return {
    add: (chunk) => {
      chunks.push(chunk);
    },
    recorded: () => {
      if (chunks.length === 0) return {};
      try {
        const whole = chunks.reduce((sum, chunk) => (sum as Concatenable).concat?.(chunk) ?? sum);
        return responseRecord({ generations: [[whole as object]] }, tracingSettings().content);
      } catch {
        // Chunks that do not fit each other: the run ends without its output.
        return {};
      }
    },
  };
}
