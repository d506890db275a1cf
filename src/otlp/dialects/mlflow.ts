import { type JsonObject, type JsonValue, SPAN_TYPES, type SpanType } from "../../core/index.ts";
import { type Dialect, number, parsed, parsedObject, text } from "./reading.ts";

/** MLflow's: each value is JSON text. */
export const mlflow: Dialect = (recorded) => {
  const isOurs = Object.keys(recorded).some((name) => name.startsWith("mlflow.span"));
  if (!isOurs) return undefined;
  const value = (name: string): JsonValue | undefined => parsed(recorded[name]);
  const type = value("mlflow.spanType");
  const usage = parsedObject(value("mlflow.chat.tokenUsage")) as JsonObject;
  const cost = parsedObject(value("mlflow.llm.cost"));
  const tools = value("mlflow.chat.tools");
  return {
    type: (SPAN_TYPES as readonly unknown[]).includes(type) ? (type as SpanType) : undefined,
    inputs: value("mlflow.spanInputs"),
    outputs: value("mlflow.spanOutputs"),
    attributes: {
      "gen_ai.request.model": text(value("mlflow.llm.model")),
      "gen_ai.provider.name": text(value("mlflow.llm.provider")),
      "gen_ai.usage.input_tokens": number(usage.input_tokens),
      "gen_ai.usage.output_tokens": number(usage.output_tokens),
      "gen_ai.usage.cache_read.input_tokens": number(usage.cache_read_input_tokens),
      "gen_ai.usage.cache_write.input_tokens": number(usage.cache_creation_input_tokens),
      "assay.cost.total": number(cost.total_cost),
      "gen_ai.tool.definitions": tools === undefined ? undefined : JSON.stringify(tools),
    },
    taken: { inputs: ["mlflow.spanInputs", "mlflow.chat.tools"], outputs: ["mlflow.spanOutputs"] },
  };
};
