import {
  type ProviderChoice,
  type ProviderReply,
  type ProviderRequest,
  type ProviderServer,
  startProviderServer,
} from "./provider-server.ts";

/** Which recorded reply a request is for. */
export interface ReplayKey {
  /** What was judged, e.g. the number of the row. */
  readonly item: string | number;
  /** Of a comparison: 0 as given, 1 with the two swapped. Default 0. */
  readonly order?: number;
  /** 0-based repetition. Default: counted by the server, per item and order. */
  readonly trial?: number;
}

export interface RecordedReply extends ReplayKey {
  /** The text of the reply, the recorded choice of OpenAI's API with its `logprobs`, or a whole scripted reply. */
  readonly reply: string | ProviderChoice | ProviderReply;
}

export interface ReplayServerOptions {
  readonly recordings: Iterable<RecordedReply>;
  /** Finds what a request is for; its texts are in `request.text`. Nothing for a request that is not recorded. */
  readonly identify: (request: ProviderRequest) => ReplayKey | undefined;
  /** Looked at first: what it gives is sent in the place of the recording, which is not used up by it. */
  readonly fault?: (request: ProviderRequest) => ProviderReply | undefined;
}

export interface ReplayServer extends ProviderServer {
  /** Requests that no recording was found for; each was answered with HTTP 418, which no client repeats. */
  readonly unmatched: readonly ProviderRequest[];
}

/**
 * A local server that answers with recorded replies of judges, in the envelope of OpenAI's or Anthropic's
 * API, whichever is spoken to it.
 *
 * Replies are found by item, order and trial. One more request than was recorded for an item gets the last
 * of its replies again, so that a repair turn sees the same judge.
 */
export async function startReplayServer(options: ReplayServerOptions): Promise<ReplayServer> {
  const replies = new Map<string, Map<number, ProviderReply>>();
  for (const { item, order = 0, trial = 0, reply } of options.recordings) {
    const trials = replies.get(nameOf(item, order)) ?? new Map<number, ProviderReply>();
    trials.set(trial, toReply(reply));
    replies.set(nameOf(item, order), trials);
  }
  const asked = new Map<string, number>();
  const unmatched: ProviderRequest[] = [];
  const server = await startProviderServer({
    reply: (request) => {
      const fault = options.fault?.(request);
      if (fault !== undefined) return fault;
      const key = options.identify(request);
      const name = key === undefined ? "" : nameOf(key.item, key.order ?? 0);
      const trials = replies.get(name);
      const count = asked.get(name) ?? 0;
      asked.set(name, count + 1);
      const reply = trials?.get(key?.trial ?? Math.min(count, trials.size - 1));
      if (reply !== undefined) return reply;
      unmatched.push(request);
      return { status: 418, error: { message: "nothing was recorded for this request" } };
    },
  });
  return { ...server, unmatched };
}

function nameOf(item: string | number, order: number): string {
  return `${item}\n${order}`;
}

function toReply(reply: RecordedReply["reply"]): ProviderReply {
  if (typeof reply === "string") return { text: reply };
  return "message" in reply ? { choice: reply } : reply;
}
