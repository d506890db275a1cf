import type { JsonObject, JsonValue, SpanType } from "../../core/index.ts";
import { type Dialect, number, parsed, parsedObject, text } from "./reading.ts";

const TYPES: { readonly [type: string]: SpanType } = {
  generation: "CHAT_MODEL",
  embedding: "EMBEDDING",
  agent: "AGENT",
  tool: "TOOL",
  chain: "CHAIN",
  retriever: "RETRIEVER",
  evaluator: "EVALUATOR",
};

/** Langfuse's: of tokens, `input` and `output` leave out those that are counted under longer names. */
export const langfuse: Dialect = (recorded) => {
  const type = text(recorded["langfuse.observation.type"]);
  if (type === undefined) return undefined;
  const usage = parsedObject(recorded["langfuse.observation.usage_details"]);
  const cost = parsedObject(recorded["langfuse.observation.cost_details"]);
  const given = parsedObject(recorded["langfuse.observation.model.parameters"]);
  const model = text(recorded["langfuse.observation.model.name"]);
  const price = number(cost.total);
  return {
    type: TYPES[type],
    inputs: parsed(recorded["langfuse.observation.input"] ?? recorded["langfuse.trace.input"]),
    outputs: parsed(recorded["langfuse.observation.output"] ?? recorded["langfuse.trace.output"]),
    attributes: {
      "gen_ai.request.model": model,
      "gen_ai.request.temperature": number(given.temperature),
      "gen_ai.request.max_tokens": number(given.max_tokens),
      "gen_ai.usage.input_tokens": sumUnder(usage, /^input|^cache_(?:read|creation)_input/),
      "gen_ai.usage.output_tokens": sumUnder(usage, /^output/),
      "gen_ai.usage.cache_read.input_tokens": number(
        usage.input_cached_tokens ?? usage.cache_read_input_tokens,
      ),
      "gen_ai.usage.cache_write.input_tokens": number(usage.cache_creation_input_tokens),
      "gen_ai.usage.reasoning.output_tokens": number(usage.output_reasoning_tokens),
      // Nothing is what it writes for a price that it does not know.
      "assay.cost.total": price === 0 ? undefined : price,
    },
    taken: {
      inputs: ["langfuse.observation.input", "langfuse.trace.input"],
      outputs: ["langfuse.observation.output", "langfuse.trace.output"],
    },
  };
};

function sumUnder(usage: JsonObject, names: RegExp): JsonValue | undefined {
  const counts = Object.entries(usage).flatMap(([name, count]) =>
    names.test(name) && typeof count === "number" ? [count] : [],
  );
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
}
