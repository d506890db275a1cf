import type { TraceInfo } from "../core/index.ts";

type Texts = { readonly [key: string]: string };

/** What the program says of a trace beside its spans. */
export interface TraceUpdate {
  /** Groups the traces of one conversation. */
  readonly sessionId?: string;
  readonly userId?: string;
  /** Can be changed later, unlike the metadata. */
  readonly tags?: Texts;
  readonly metadata?: Texts;
  /** The name that the caller's own system has for the request. */
  readonly clientRequestId?: string;
  /** Shown in lists in place of the beginning of the inputs, and of the outputs. */
  readonly requestPreview?: string;
  readonly responsePreview?: string;
}

/** The part of a trace's info that an update makes. */
export type TraceDetails = Pick<
  TraceInfo,
  "tags" | "metadata" | "clientRequestId" | "requestPreview" | "responsePreview"
>;

/** MLflow's names. */
const SESSION = "mlflow.trace.session";
const USER = "mlflow.trace.user";

/** What `update` adds to what was said before; the later word counts. */
export function withUpdate(details: TraceDetails, update: TraceUpdate): TraceDetails {
  const { sessionId, userId, tags, metadata, ...others } = update;
  const own: Texts = {
    ...metadata,
    ...(sessionId !== undefined && { [SESSION]: sessionId }),
    ...(userId !== undefined && { [USER]: userId }),
  };
  const { clientRequestId, requestPreview, responsePreview } = others;
  return {
    ...details,
    ...(tags !== undefined && { tags: { ...details.tags, ...texts(tags) } }),
    ...(Object.keys(own).length > 0 && { metadata: { ...details.metadata, ...texts(own) } }),
    ...(clientRequestId !== undefined && { clientRequestId: String(clientRequestId) }),
    ...(requestPreview !== undefined && { requestPreview: String(requestPreview) }),
    ...(responsePreview !== undefined && { responsePreview: String(responsePreview) }),
  };
}

/** Callers in JavaScript also give numbers. */
function texts(given: Texts): Texts {
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, String(value)]));
}
