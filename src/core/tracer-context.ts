/**
 * Under this description OpenTelemetry contexts carry Assay's own tracer while one of its spans is
 * active. Where the program has registered a provider of its own, the global tracer is not Assay's.
 *
 * Keys made by `createContextKey` are equal when their descriptions are, so folders that may not
 * import `tracing` find the tracer through `@opentelemetry/api` alone.
 */
export const TRACER_KEY_DESCRIPTION = "assay.tracer";
