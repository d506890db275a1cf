import {
  type JsonValue,
  type Span,
  type Trace,
  type TraceInfo,
  traceName,
  withoutAbsent,
} from "../core/index.ts";
import { ATTRIBUTES, previewsOf, usageOfTrace } from "../otlp/index.ts";
import { type TraceDetails, type TraceUpdate, withUpdate } from "./trace-details.ts";

/** Where the trace belongs, and what the program said of it. */
interface Owner extends Pick<TraceInfo, "experimentId" | "runId"> {
  readonly details?: TraceDetails;
  /** Whether somebody else makes them. */
  readonly makesPreviews?: boolean | undefined;
}

/** A trace from its ended spans; `root` is the one that ended it. */
export function assembleTrace(root: Span, spans: readonly Span[], owner: Owner): Trace {
  return assemble(root, spans, owner, {
    state: root.status === "ERROR" ? "ERROR" : "OK",
    durationMs: Number(root.endNs - root.startNs) / 1e6,
    ...(owner.makesPreviews !== true && previewsOf(root)),
  });
}

/** What has ended of a trace whose `root` is still open. It has no previews: they come with the end. */
export function assembleUnfinished(root: Span, spans: readonly Span[], owner: Owner): Trace {
  return assemble(root, spans, owner, { state: "IN_PROGRESS" });
}

function assemble(
  root: Span,
  spans: readonly Span[],
  owner: Owner,
  outcome: Pick<TraceInfo, "state" | "durationMs" | "requestPreview" | "responsePreview">,
): Trace {
  const ordered = [...spans].sort((a, b) =>
    a.startNs < b.startNs ? -1 : a.startNs > b.startNs ? 1 : 0,
  );
  const usage = usageOfTrace(ordered);
  return {
    info: {
      traceId: traceName(root.traceId),
      experimentId: owner.experimentId,
      ...(owner.runId !== undefined && { runId: owner.runId }),
      name: root.name,
      startTime: Number(root.startNs / 1_000_000n),
      ...outcome,
      ...owner.details,
      ...metadataOf(ordered, owner.details),
      ...tagsOf(ordered, owner.details),
      ...(Object.keys(usage).length > 0 && { usage }),
      spanCount: spans.length,
    },
    spans: ordered,
  };
}

/** Session and user as the spans say them, unless the program said others of the trace. */
function metadataOf(
  spans: readonly Span[],
  details: TraceDetails = {},
): Pick<TraceInfo, "metadata"> {
  let session: JsonValue | undefined;
  let user: JsonValue | undefined;
  for (const { attributes } of spans) {
    session ??= attributes[ATTRIBUTES.session] ?? attributes[ATTRIBUTES.conversation];
    user ??= attributes[ATTRIBUTES.user];
  }
  if (session === undefined && user === undefined) return {};
  const [sessionId, userId] = [session, user].map((id) => (id == null ? undefined : String(id)));
  const { metadata } = withUpdate({}, withoutAbsent({ sessionId, userId }) as TraceUpdate);
  return metadata === undefined ? {} : { metadata: { ...metadata, ...details.metadata } };
}

/** MLflow's name for the prompts that a trace used, by which they are searched for. */
const LINKED_PROMPTS = "mlflow.linkedPrompts";

/** Prompts that spans name with their version, unless the program linked others. */
function tagsOf(spans: readonly Span[], { tags }: TraceDetails = {}): Pick<TraceInfo, "tags"> {
  if (tags?.[LINKED_PROMPTS] !== undefined) return {};
  const links = new Set<string>();
  for (const { attributes } of spans) {
    const name = attributes[ATTRIBUTES.promptName];
    const version = attributes[ATTRIBUTES.promptVersion];
    if (name === undefined || version === undefined) continue;
    links.add(JSON.stringify({ name: String(name), version: String(version) }));
  }
  if (links.size === 0) return {};
  return { tags: { ...tags, [LINKED_PROMPTS]: `[${[...links].join(",")}]` } };
}
