import { type Trace, type TraceInfo, withoutAbsent } from "../core/index.ts";
import type { TrackingStore } from "../store/ports/index.ts";
import type { TraceDestination } from "./destination.ts";
import type { TraceDetails } from "./trace-details.ts";

/** Traces into a tracking store, which takes the secrets out of them. */
export function storeDestination(
  { traces, assessments }: Pick<TrackingStore, "traces" | "assessments">,
  owner: { readonly experimentId: string; readonly runId?: string },
): TraceDestination {
  const receive = async ({ info, spans }: Trace, said: TraceDetails = {}) => {
    // The store makes them of the values without their secrets: these may end in the middle of one.
    const { requestPreview: _request, responsePreview: _response, ...withoutPreviews } = info;
    const { requestPreview, responsePreview } = said;
    const previews = withoutAbsent<Pick<TraceInfo, "requestPreview" | "responsePreview">>({
      requestPreview,
      responsePreview,
    });
    await traces.writeTrace({ ...withoutPreviews, ...previews }, spans);
  };
  return {
    ...owner,
    receive,
    receiveUnfinished: receive,
    assess: (assessment) => assessments.logAssessment(assessment),
  };
}
