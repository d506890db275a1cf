import { type Span, SpanStatusCode } from "@opentelemetry/api";
import { describeError } from "../../core/index.ts";
import { ATTRIBUTES } from "../../otlp/index.ts";
import { recordLater } from "../recorded.ts";
import { warnOfTracing } from "../settings.ts";
import { type Answer, answerRecord } from "./answer.ts";

/** Puts the chunks of a stream together. */
export interface Accumulator {
  add(chunk: unknown): void;
  answer(): Answer;
}

/** How a stream ended that its consumer did not read to the end. */
export type Interruption = "broken-off" | "aborted" | "abandoned";

let hasWarned = false;

/** Runs a step of telemetry, which must never throw into the program. */
export function guarded(step: () => void): void {
  try {
    step();
  } catch (error) {
    warnOnce(error);
  }
}

function warnOnce(error: unknown): void {
  if (hasWarned) return;
  hasWarned = true;
  warnOfTracing(`Part of a model call was not recorded: ${describeError(error)}`);
}

/** The span of one model call. It ends once, whoever says so first; what comes after that does nothing. */
export class ModelCall {
  readonly #span: Span;
  readonly #accumulator: () => Accumulator;
  readonly #withContent: boolean;
  readonly #startedMs = performance.now();
  #chunks: Accumulator | undefined;
  #chunkCount = 0;
  #isOver = false;

  /** @param withContent - Whether what the model says is recorded. */
  constructor(span: Span, accumulator: () => Accumulator, withContent: boolean) {
    this.#span = span;
    this.#accumulator = accumulator;
    this.#withContent = withContent;
  }

  /** The whole answer is there. */
  answered(answer: Answer): void {
    this.#end(() => this.#tell(answer, false));
  }

  chunk(chunk: unknown): void {
    if (this.#isOver) return;
    try {
      const chunks = this.#chunks ?? this.#firstChunk();
      this.#chunkCount += 1;
      chunks.add(chunk);
    } catch (error) {
      warnOnce(error);
    }
  }

  #firstChunk(): Accumulator {
    const seconds = (performance.now() - this.#startedMs) / 1000;
    this.#span.setAttribute(ATTRIBUTES.timeToFirstChunk, seconds);
    this.#chunks = this.#accumulator();
    return this.#chunks;
  }

  /** The stream is over; `interruption` says that it was not read to its end. */
  streamed(interruption?: Interruption): void {
    this.#end(() => {
      this.#tellChunks(interruption !== undefined);
      if (interruption !== undefined) this.#span.setAttribute(ATTRIBUTES.interrupted, interruption);
    });
  }

  failed(error: unknown): void {
    // That the program has called it off is no failure.
    if (error instanceof Error && error.constructor.name === "APIUserAbortError") {
      this.streamed("aborted");
      return;
    }
    this.#end(() => {
      this.#tellChunks(true);
      recordFailure(this.#span, error);
    });
  }

  #tellChunks(isCut: boolean): void {
    if (this.#chunks === undefined) return;
    this.#span.setAttribute(ATTRIBUTES.chunkCount, this.#chunkCount);
    guarded(() => this.#tell(this.#chunks?.answer() ?? {}, isCut));
  }

  #tell(answer: Answer, isCut: boolean): void {
    const withContent = this.#withContent;
    recordLater(this.#span, answer, (given) => answerRecord(given, isCut, withContent));
  }

  #end(tell: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    guarded(tell);
    guarded(() => this.#span.end());
    // Whoever still holds the call must not hold the answer.
    this.#chunks = undefined;
  }
}

/** `error.type` is the class of the SDK's error, e.g. `RateLimitError`; all of them have the name `Error`. */
function recordFailure(span: Span, error: unknown): void {
  const thrown = error instanceof Error ? error : new Error(String(error));
  const { name, message } = thrown;
  const type = name === "Error" ? thrown.constructor.name : name;
  span.setAttribute(ATTRIBUTES.errorType, type);
  if ("status" in thrown && typeof thrown.status === "number") {
    span.setAttribute(ATTRIBUTES.httpStatus, thrown.status);
  }
  span.recordException({ name: type, message, ...(thrown.stack && { stack: thrown.stack }) });
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
