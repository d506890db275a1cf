import { isPlainObject, type JsonValue } from "../core/json.ts";
import type { ScorerInput } from "../core/score.ts";
import type { Span } from "../core/trace.ts";

/** One call of a tool. */
export interface ToolCall {
  readonly name: string;
  /** Absent where the call has none, or none that can be read. */
  readonly arguments?: JsonValue;
}

/** What an expected call asks for: without `arguments` any will do. */
export type ExpectedToolCall = ToolCall;

/** `expectations.expected_tool_calls`; undefined when the row does not say. */
export function expectedToolCalls(
  expectations: ScorerInput["expectations"],
): ExpectedToolCall[] | undefined {
  const expected = expectations.expected_tool_calls;
  if (!Array.isArray(expected)) return undefined;
  return expected.flatMap((call: JsonValue) =>
    typeof call === "string" ? { name: call } : (asToolCall(call) ?? []),
  );
}

/**
 * The tool calls of a row in their order: those that were run, as TOOL spans of its trace; else those
 * that its outputs ask for; else those that the trace's model calls ask for.
 *
 * @returns Undefined where neither trace nor outputs could show a call.
 */
export function actualToolCalls({
  outputs,
  trace,
}: Pick<ScorerInput, "outputs" | "trace">): ToolCall[] | undefined {
  const spans = trace?.spans ?? [];
  const run = spans.filter(({ type }) => type === "TOOL").map(callOfSpan);
  if (run.length > 0) return run;
  const asked = requestedCalls(outputs);
  if (asked.calls.length > 0) return asked.calls;
  const byModel = spans
    .filter(({ type }) => type === "CHAT_MODEL" || type === "LLM")
    .flatMap((span) => requestedCalls(span.outputs ?? null).calls);
  const isVisible = trace !== undefined || asked.hasPlace;
  return byModel.length > 0 || isVisible ? byModel : undefined;
}

function callOfSpan({ name, inputs, attributes }: Span): ToolCall {
  const given = attributes["gen_ai.tool.name"];
  return callOf(typeof given === "string" ? given : name, inputs);
}

/** Members that hold tool calls, or messages that hold them, in the shapes of the known libraries. */
const CALLS = ["tool_calls", "toolCalls", "function_calls"];
const WITHIN = [
  "choices",
  "message",
  "messages",
  "output",
  "content",
  "parts",
  "candidates",
  "kwargs",
];

interface Requested {
  readonly calls: ToolCall[];
  /** There is a member for tool calls, be it empty. */
  readonly hasPlace: boolean;
}

function requestedCalls(value: JsonValue): Requested {
  if (Array.isArray(value)) {
    const all = (value as readonly JsonValue[]).map(requestedCalls);
    return { calls: all.flatMap(({ calls }) => calls), hasPlace: all.some((one) => one.hasPlace) };
  }
  if (!isPlainObject(value)) return { calls: [], hasPlace: false };
  // Vercel's result has the calls of its last step beside those of all steps.
  if (Array.isArray(value.steps)) return requestedCalls(value.steps as readonly JsonValue[]);
  const block = asCallBlock(value);
  if (block !== undefined) return { calls: [block], hasPlace: true };
  const lists = CALLS.map((key) => value[key]).filter((list) => Array.isArray(list));
  // LangChain has an Anthropic message's calls a second time, as blocks of its content.
  const own = lists.flatMap((list) => list.flatMap((call) => asToolCall(call) ?? []));
  if (own.length > 0) return { calls: own, hasPlace: true };
  const inner = WITHIN.filter((key) => key in value).map((key) =>
    requestedCalls(value[key] as JsonValue),
  );
  return {
    calls: inner.flatMap(({ calls }) => calls),
    hasPlace: lists.length > 0 || inner.some(({ hasPlace }) => hasPlace),
  };
}

/** A part of a message that is a call: Anthropic's, OpenAI's Responses', OpenTelemetry's, Vercel's, Gemini's. */
function asCallBlock(value: { readonly [key: string]: unknown }): ToolCall | undefined {
  const { type, functionCall, function_call: older } = value;
  if (typeof type === "string" && /^(?:tool_use|function_call|tool_call|tool-call)$/.test(type)) {
    return asToolCall(value);
  }
  return asToolCall(functionCall) ?? asToolCall(older);
}

/** A call by itself, `{ name, arguments }` under the names that the libraries have for them. */
function asToolCall(value: unknown): ToolCall | undefined {
  if (!isPlainObject(value)) return undefined;
  if (isPlainObject(value.function)) return asToolCall(value.function);
  const name = value.name ?? value.toolName ?? value.tool_name;
  if (typeof name !== "string") return undefined;
  return callOf(name, value.arguments ?? value.args ?? value.input ?? value.parameters);
}

function callOf(name: string, given: unknown): ToolCall {
  if (given === undefined || given === null) return { name };
  return { name, arguments: typeof given === "string" ? parsed(given) : (given as JsonValue) };
}

/** Arguments travel as JSON text in OpenAI's shape; a tool of one text may take it as it is. */
function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
