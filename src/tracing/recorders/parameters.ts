import { isPlainObject, type JsonValue, toJsonValue } from "../../core/index.ts";
import { ATTRIBUTES } from "../../otlp/index.ts";
import type { Recorded } from "../recorded.ts";
import { list, members, text } from "./parts.ts";

type Body = { readonly [name: string]: unknown };

/**
 * The parameters that are recorded; no others are, since bodies may hold keys and personal data.
 * `top_logprobs` is not `top_k`: it chooses what is told, not what is decoded.
 */
const NUMBERS = Object.entries({
  temperature: "gen_ai.request.temperature",
  top_p: "gen_ai.request.top_p",
  top_k: "gen_ai.request.top_k",
  max_tokens: "gen_ai.request.max_tokens",
  max_completion_tokens: "gen_ai.request.max_tokens",
  max_output_tokens: "gen_ai.request.max_tokens",
  frequency_penalty: "gen_ai.request.frequency_penalty",
  presence_penalty: "gen_ai.request.presence_penalty",
  seed: "gen_ai.request.seed",
  dimensions: "gen_ai.embeddings.dimension.count",
});

export function parameterRecord(body: Body): Recorded {
  const found: { [attribute: string]: JsonValue } = {};
  for (const [name, attribute] of NUMBERS) {
    const value = body[name];
    if (typeof value === "number" && Number.isFinite(value)) found[attribute] = value;
  }
  if (typeof body.n === "number" && body.n !== 1) found["gen_ai.request.choice.count"] = body.n;
  if (body.stream === true) found["gen_ai.request.stream"] = true;
  const stop = body.stop ?? body.stop_sequences;
  const stops =
    typeof stop === "string" ? [stop] : list(stop).filter((one) => typeof one === "string");
  if (stops.length > 0) found["gen_ai.request.stop_sequences"] = stops as string[];
  const effort = text(body.reasoning_effort) ?? text(members(body.reasoning).effort);
  if (effort !== undefined) found["gen_ai.request.reasoning.level"] = effort;
  const format = outputType(body);
  if (format !== undefined) found["gen_ai.output.type"] = format;
  const previous = text(body.previous_response_id);
  if (previous !== undefined) found["gen_ai.request.previous_response.id"] = previous;
  if (typeof body.encoding_format === "string") {
    found["gen_ai.request.encoding_formats"] = [body.encoding_format];
  }
  return found;
}

function outputType(body: Body): string | undefined {
  const type =
    text(members(body.response_format).type) ?? text(members(members(body.text).format).type);
  if (type === undefined) return undefined;
  return type.startsWith("json") ? "json" : "text";
}

/** The tools that the model may call, by the conventions' shape. */
export function toolRecord(tools: unknown): Recorded {
  const given = list(tools).filter(isPlainObject);
  if (given.length === 0) return {};
  const definitions = given.map((tool) => {
    const own = isPlainObject(tool.function) ? tool.function : tool;
    const { name, description } = own;
    const parameters = own.parameters ?? own.input_schema;
    const isFunction =
      tool.type === undefined || tool.type === "function" || tool.type === "custom";
    return {
      type: isFunction ? "function" : (text(tool.type) ?? "function"),
      name: text(name) ?? text(tool.type) ?? "",
      ...(typeof description === "string" && { description }),
      ...(isPlainObject(parameters) && { parameters: toJsonValue(parameters) }),
    };
  });
  return { [ATTRIBUTES.toolDefinitions]: JSON.stringify(definitions) };
}
