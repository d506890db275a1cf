import { createScrubber, describeError, type ScrubberOptions, type Trace } from "../core/index.ts";
import {
  exportOtlp,
  type OtlpOptions,
  type TraceDestination,
  warnOfTracing,
} from "../tracing/index.ts";
import { scrubbed } from "./trace-spool.ts";

/** Traces to an OTLP receiver alone, without their secrets. */
export function otlpDestination(
  options: OtlpOptions,
  scrubbing: ScrubberOptions,
): TraceDestination {
  const scrubber = createScrubber(scrubbing);
  return {
    experimentId: "",
    receive: (trace) => exportOtlp(scrubbed(trace, scrubber), options),
  };
}

/** `destination`, and an OTLP receiver beside it, whose failures are only told. */
export function besideOtlp(
  destination: TraceDestination,
  options: OtlpOptions,
  scrubbing: ScrubberOptions,
): TraceDestination {
  const other = otlpDestination(options, scrubbing);
  const tell = (trace: Trace) =>
    other.receive(trace).catch((error: unknown) => warnOfTracing(describeError(error)));
  return {
    ...destination,
    receive: async (trace, said) => {
      await Promise.all([destination.receive(trace, said), tell(trace)]);
    },
  };
}
