import { counted, describeError, redactText, type Span } from "../core/index.ts";
import { ATTRIBUTES } from "../otlp/index.ts";

/** What is noticed while rows are evaluated and changes no score, told at the end. */
export class Remarks {
  #cutOff = 0;
  #failure: string | undefined;

  /** Notes whether a call of a model in the trace of an answer ended at its token limit. */
  look(spans: readonly Span[]): void {
    if (spans.some(isCutOff)) this.#cutOff += 1;
  }

  /** Whether `onProgress` has failed: the evaluation goes on without it. */
  get isUnheard(): boolean {
    return this.#failure !== undefined;
  }

  progressFailed(error: unknown): void {
    this.#failure = redactText(describeError(error));
  }

  lines(): string[] {
    const lines: string[] = [];
    if (this.#cutOff > 0) {
      const answers = counted(this.#cutOff, "answer");
      lines.push(
        `a model was cut off at its token limit in ${answers}, and what it had said until then was scored; raise the limit (parameters: { maxTokens })`,
      );
    }
    return [...lines, ...this.unheard()];
  }

  /** That `onProgress` failed, in a line. */
  unheard(): string[] {
    return this.#failure === undefined
      ? []
      : [`onProgress failed and was not called again: ${this.#failure}`];
  }
}

/** As OpenAI and Anthropic say it. */
const CUT_OFF: readonly unknown[] = ["length", "max_tokens"];

function isCutOff({ attributes }: Span): boolean {
  const reasons = attributes[ATTRIBUTES.finishReasons];
  return Array.isArray(reasons) && reasons.some((reason) => CUT_OFF.includes(reason));
}
