import {
  describeError,
  isAssayError,
  redactText,
  type Score,
  type ScorerInput,
  systemClock,
  withoutAbsent,
} from "../core/index.ts";
import type { ChatMessage, ChatModel, ChatParameters, ChatResponse } from "../models/index.ts";
import { parseVerdict } from "./parse-verdict.ts";
import {
  describeShape,
  replyInstruction,
  replySchema,
  type VerdictShape,
} from "./verdict-shape.ts";

export interface JudgeQuestion {
  readonly judge: string;
  readonly messages: readonly ChatMessage[];
  readonly parameters: ChatParameters;
  readonly shape: VerdictShape;
}

type Recording = Pick<ScorerInput, "signal" | "recordCall" | "trial">;

/** Characters of a reply or a refusal that a score's detail may show. */
const LONGEST_EXCERPT = 80;

/**
 * Asks a judge's model for its verdict; a reply without one is sent back once for repair.
 *
 * @throws {AssayError} what concerns every row alike (`configuration`, `cancelled`, a defect); a call
 *   that failed for this row is an unscored score.
 */
export async function askJudge(
  model: ChatModel,
  question: JudgeQuestion,
  recording: Recording,
): Promise<Score> {
  const { messages, shape } = question;
  try {
    const first = await call(model, question, messages, recording);
    if (first.refusal !== undefined) return refused(first);
    const verdict = parseVerdict(first.text, shape);
    if (verdict.ok) return scored(verdict);
    const repair = repairMessages(messages, first.text, verdict.problem, shape);
    const second = await call(model, question, repair, recording);
    if (second.refusal !== undefined) return refused(second);
    const repaired = parseVerdict(second.text, shape);
    return repaired.ok ? scored(repaired) : unparseable(second, repaired.problem, shape);
  } catch (error) {
    if (isAssayError(error) && !isAssayError(error, "unavailable", "provider")) throw error;
    const detail = isAssayError(error) ? error.message : excerpt(describeError(error), 200);
    return { kind: "unscored", reason: "scorer-failed", detail };
  }
}

async function call(
  model: ChatModel,
  { judge, parameters, shape }: JudgeQuestion,
  messages: readonly ChatMessage[],
  { signal, recordCall, trial }: Recording,
): Promise<ChatResponse> {
  const started = systemClock.monotonic();
  const response = await model.generate({
    messages,
    parameters,
    // Providers allow letters, digits, "_" and "-", 64 at most.
    responseSchema: {
      name: judge.replace(/[^\w-]/g, "_").slice(0, 64),
      schema: replySchema(shape),
    },
    trial,
    ...(signal === undefined ? {} : { signal }),
  });
  recordCall?.(
    withoutAbsent({
      model: model.uri,
      answeredBy: response.model,
      reply: response.text === "" ? (response.refusal ?? "") : response.text,
      latencyMs: systemClock.monotonic() - started,
      usage: response.usage,
      isCached: response.isCached,
      saved: response.saved,
    }),
  );
  return response;
}

function repairMessages(
  messages: readonly ChatMessage[],
  reply: string,
  problem: string,
  shape: VerdictShape,
): ChatMessage[] {
  const complaint = `Your reply cannot be used: ${problem}. ${replyInstruction(shape)}`;
  // Providers refuse an empty assistant turn.
  const said: ChatMessage[] = reply.trim() === "" ? [] : [{ role: "assistant", content: reply }];
  return [...messages, ...said, { role: "user", content: complaint }];
}

function scored({
  value,
  rationale,
}: {
  value: number | string | boolean;
  rationale?: string;
}): Score {
  return { kind: "scored", value, ...(rationale === undefined ? {} : { rationale }) };
}

function refused({ refusal = "" }: ChatResponse): Score {
  const said = excerpt(refusal, LONGEST_EXCERPT);
  return { kind: "unscored", reason: "refused", detail: `The judge's model declined: "${said}"` };
}

function unparseable(
  { text, finishReason }: ChatResponse,
  problem: string,
  shape: VerdictShape,
): Score {
  const cut =
    finishReason === "length" || finishReason === "max_tokens"
      ? " It was cut off; raise the maxTokens of the judge's parameters."
      : "";
  return {
    kind: "unscored",
    reason: "judge-unparseable",
    detail: `Expected ${describeShape(shape)}, but the judge's reply cannot be used, twice: ${problem}.${cut} Reply: "${excerpt(text, LONGEST_EXCERPT)}"`,
  };
}

function excerpt(text: string, length: number): string {
  const line = redactText(text).replace(/\s+/g, " ").trim();
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}
