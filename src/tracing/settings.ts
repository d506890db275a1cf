import { AssayError, type Logger, withoutAbsent } from "../core/index.ts";
import { OTLP_PROTOCOLS, type OtlpOptions } from "./otlp-export.ts";
import { createSampler, type Sampler, type SamplingOptions } from "./sampling.ts";

export interface TracingOptions {
  /** False leaves out what was said: inputs, outputs, messages, documents, prompts. Default true. */
  readonly content?: boolean;
  readonly sampling?: SamplingOptions;
  /** Longest text inside a value, in characters; what is longer is cut with a mark. Default 1 000 000. */
  readonly maxTextLength?: number;
  /** Where traces outside of evaluations go besides the store, or instead of it. */
  readonly otlp?: OtlpOptions;
  /** Where tracing tells of its own failures; default: warnings of Node. */
  readonly logger?: Logger;
}

interface Settings {
  readonly otlp?: OtlpOptions;
  readonly content: boolean;
  readonly sampler: Sampler;
  readonly maxTextLength: number;
  readonly logger: Logger;
}

const MAX_TEXT_LENGTH = 1_000_000;

const processWarnings: Logger = {
  warn: (message) => process.emitWarning(message, "AssayWarning"),
};

let settings: Settings | undefined;

/**
 * How this process traces from now on. What is not given stays as it was; at first
 * `ASSAY_TRACE_CONTENT` (`off`) and `ASSAY_TRACE_SAMPLING_RATIO` (or `MLFLOW_TRACE_SAMPLING_RATIO`) say.
 *
 * @throws {AssayError} `invalid-argument` for a value that is none of an option's.
 */
export function configureTracing(options: TracingOptions): void {
  const { content, sampling, maxTextLength, otlp, logger } = options;
  if (content !== undefined && typeof content !== "boolean") {
    throw new AssayError("invalid-argument", `Expected \`content\` to be true or false`);
  }
  if (maxTextLength !== undefined && !(maxTextLength >= 100)) {
    throw new AssayError("invalid-argument", "Expected `maxTextLength` to be at least 100");
  }
  if (otlp !== undefined && !URL.canParse(otlp.url)) {
    throw new AssayError("invalid-argument", "Expected `otlp.url` to be a URL");
  }
  if (otlp?.protocol !== undefined && !OTLP_PROTOCOLS.includes(otlp.protocol)) {
    throw new AssayError(
      "invalid-argument",
      `Expected \`otlp.protocol\` to be one of ${OTLP_PROTOCOLS.join(", ")}, got ${String(otlp.protocol)}`,
    );
  }
  const given = {
    content,
    sampler: sampling && createSampler(sampling),
    maxTextLength,
    otlp,
    logger,
  };
  settings = { ...tracingSettings(), ...(withoutAbsent(given) as Partial<Settings>) };
}

export function tracingSettings(): Settings {
  settings ??= {
    content: !/^(?:off|false|0|no)$/i.test(process.env.ASSAY_TRACE_CONTENT ?? ""),
    sampler: createSampler({ ratio: ratioFrom(process.env) }),
    maxTextLength: MAX_TEXT_LENGTH,
    logger: processWarnings,
  };
  return settings;
}

/** Where tracing tells of its own failures from now on. */
export function setTracingLogger(logger: Logger): void {
  configureTracing({ logger });
}

export function warnOfTracing(message: string): void {
  tracingSettings().logger.warn(message);
}

function ratioFrom(env: { readonly [name: string]: string | undefined }): number {
  const text = env.ASSAY_TRACE_SAMPLING_RATIO || env.MLFLOW_TRACE_SAMPLING_RATIO || "1";
  const ratio = Number(text);
  // Tracing must not fail its program: what is no ratio keeps everything.
  return ratio >= 0 && ratio <= 1 ? ratio : 1;
}
