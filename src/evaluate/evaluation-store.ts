import { type ScrubberOptions, withoutAbsent } from "../core/index.ts";
import type { TrackingStore } from "../store/index.ts";
import { getTrackingUri, storeAt } from "../tracking/index.ts";
import type { EvaluateOptions } from "./options.ts";

/** The tracking store that an evaluation writes to, and reads registered datasets from. */
export function evaluationStore({
  trackingUri,
  redact,
  mask,
}: Pick<EvaluateOptions, "trackingUri" | "redact" | "mask">): Promise<TrackingStore> {
  return storeAt(trackingUri ?? getTrackingUri(), withoutAbsent<ScrubberOptions>({ redact, mask }));
}
