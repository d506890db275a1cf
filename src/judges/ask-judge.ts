import {
  describeError,
  isAssayError,
  type JudgeCall,
  redactText,
  type Score,
  type ScorerInput,
  systemClock,
  withoutAbsent,
} from "../core/index.ts";
import {
  attemptsOf,
  type ChatMessage,
  type ChatModel,
  type ChatParameters,
  type ChatRequest,
  type ChatResponse,
} from "../models/index.ts";
import type { ReplyForm } from "./reply-form.ts";

/** How a judge's model is asked, whatever the question. */
export interface Asked {
  readonly judge: string;
  readonly model: ChatModel;
  readonly parameters: ChatParameters;
  readonly recording: Recording;
  /** 0-based, where the same is asked several times for one verdict. */
  readonly draw?: number;
}

/** A prompt, and the texts of the row that stand in it. */
export interface Question {
  readonly messages: readonly ChatMessage[];
  readonly judged: readonly string[];
}

type Recording = Pick<ScorerInput, "signal" | "recordCall" | "trial" | "purpose">;

/** What came of a question: a value, or the score that stands for having none. */
export type Answer<Value> =
  | { readonly kind: "answered"; readonly value: Value; readonly rationale?: string }
  | (Score & { readonly kind: "unscored" });

/** Characters of a reply or a refusal that a score's detail may show. */
const LONGEST_EXCERPT = 80;

/**
 * Asks a judge's model; a reply that cannot be used is sent back once for repair.
 *
 * @throws {AssayError} what concerns every row alike (`configuration`, `cancelled`, a defect); a call
 *   that failed for this row is an unscored score.
 */
export function askJudge<Value>(
  asked: Asked,
  { messages, judged }: Question,
  form: ReplyForm<Value>,
): Promise<Answer<Value>> {
  const extra = {
    ...responseSchema(asked.judge, form),
    isUsable: (response: ChatResponse) =>
      response.refusal === undefined && !isCutOff(response) && form.parse(response.text, judged).ok,
  };
  return orUnscored(async () => {
    const first = await callJudge(asked, messages, extra);
    if (first.refusal !== undefined) return refused(first);
    const parsed = form.parse(first.text, judged);
    if (parsed.ok) return answered(parsed);
    const repair = repairMessages(messages, first.text, parsed.problem, form);
    const second = await callJudge(asked, repair, extra);
    if (second.refusal !== undefined) return refused(second);
    const repaired = form.parse(second.text, judged);
    return repaired.ok ? answered(repaired) : unparseable(second, repaired.problem, form);
  });
}

/** Turns a call that failed for this row alone into an unscored score. */
export async function orUnscored<Value>(ask: () => Promise<Answer<Value>>): Promise<Answer<Value>> {
  try {
    return await ask();
  } catch (error) {
    if (isAssayError(error) && !isAssayError(error, "unavailable", "provider")) throw error;
    const detail = isAssayError(error) ? error.message : excerpt(describeError(error), 200);
    return { kind: "unscored", reason: "scorer-failed", detail };
  }
}

/** One call, recorded with its reply, usage and attempts. */
export async function callJudge(
  { model, parameters, recording, draw }: Asked,
  messages: readonly ChatMessage[],
  extra: { [K in "responseSchema" | "topLogprobs" | "isUsable"]?: ChatRequest[K] | undefined },
): Promise<ChatResponse> {
  const { signal, recordCall, trial, purpose } = recording;
  const started = systemClock.monotonic();
  const record = (call: Omit<JudgeCall, "model" | "latencyMs">) =>
    recordCall?.({ model: model.uri, latencyMs: systemClock.monotonic() - started, ...call });
  const request = { messages, parameters, ...extra, trial, draw, purpose, signal };
  try {
    const response = await model.generate(withoutAbsent<ChatRequest>(request));
    const { text, refusal = "", model: answeredBy, usage, attempts, isCached, saved } = response;
    const reply = text === "" ? refusal : text;
    record(withoutAbsent({ answeredBy, reply, usage, attempts, isCached, saved }));
    return response;
  } catch (error) {
    // What was sent in vain counts among the attempts; a call that ends the evaluation has no score.
    if (isAssayError(error, "unavailable", "provider")) {
      record(withoutAbsent({ reply: "", error: error.code, attempts: attemptsOf(error) }));
    }
    throw error;
  }
}

function responseSchema(judge: string, { schema }: ReplyForm<unknown>) {
  // Providers allow letters, digits, "_" and "-", 64 at most.
  const name = judge.replace(/[^\w-]/g, "_").slice(0, 64);
  return { responseSchema: { name, schema } };
}

function repairMessages(
  messages: readonly ChatMessage[],
  reply: string,
  problem: string,
  { instruction }: ReplyForm<unknown>,
): ChatMessage[] {
  const complaint = `Your reply cannot be used: ${problem}. ${instruction}`;
  // Providers refuse an empty assistant turn.
  const said: ChatMessage[] = reply.trim() === "" ? [] : [{ role: "assistant", content: reply }];
  return [...messages, ...said, { role: "user", content: complaint }];
}

function answered<Value>({
  value,
  rationale,
}: {
  value: Value;
  rationale?: string;
}): Answer<Value> {
  return { kind: "answered", value, ...(rationale === undefined ? {} : { rationale }) };
}

export function refused({ refusal = "" }: ChatResponse): Answer<never> {
  const said = excerpt(refusal, LONGEST_EXCERPT);
  return { kind: "unscored", reason: "refused", detail: `The judge's model declined: "${said}"` };
}

function isCutOff({ finishReason }: ChatResponse): boolean {
  return finishReason === "length" || finishReason === "max_tokens";
}

function unparseable(
  response: ChatResponse,
  problem: string,
  { description }: ReplyForm<unknown>,
): Answer<never> {
  const cut = isCutOff(response)
    ? " It was cut off; raise the maxTokens of the judge's parameters."
    : "";
  return {
    kind: "unscored",
    reason: "judge-unparseable",
    detail: `Expected ${description}, but the judge's reply cannot be used, twice: ${problem}.${cut} Reply: "${excerpt(response.text, LONGEST_EXCERPT)}"`,
  };
}

function excerpt(text: string, length: number): string {
  const line = redactText(text).replace(/\s+/g, " ").trim();
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}
