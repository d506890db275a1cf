import { isPlainObject, parseBlocks } from "../../core/index.ts";
import type { ChatModel, ChatRequest } from "../chat-model.ts";
import { type Judged, measure } from "./measures.ts";
import { offlineModel } from "./offline-model.ts";

/** How a share in [0, 1] becomes a verdict, as the response schema asks for it. */
interface VerdictForm {
  readonly rationaleKey: string;
  readonly verdictKey: string;
  readonly verdict: (share: number) => number | string | boolean;
}

/**
 * `offline:/lexical-judge`: grades by counting words the judged texts share. It understands nothing;
 * its rationale says what it counted. Deterministic.
 *
 * Labels of a response schema are taken in order from best to worst.
 */
export function lexicalJudge(): ChatModel {
  return offlineModel("lexical-judge", (request) => {
    const { rationaleKey, verdictKey, verdict } = verdictForm(request.responseSchema?.schema);
    const { share, measured } = measure(judgedTexts(request), request.responseSchema?.name);
    return JSON.stringify({
      [rationaleKey]: `Lexical baseline, not an LLM: ${measured}`,
      [verdictKey]: verdict(share),
    });
  });
}

function judgedTexts({ messages }: ChatRequest): Judged {
  const texts = new Map<string, string>();
  for (const { name, text } of messages.flatMap(({ content }) => parseBlocks(content))) {
    texts.set(name, text);
  }
  const first = (...names: string[]) =>
    names.map((name) => texts.get(name)).find((t) => t !== undefined);
  const outputs = first("outputs", "output", "answer", "response", "prediction", "conversation");
  const question = first("inputs", "input", "question", "query");
  const reference = first(
    "expectations",
    "expected_response",
    "reference",
    "targets",
    "ground_truth",
  );
  const context = first("context", "documents", "passages", "sources");
  return {
    outputs: outputs ?? "",
    ...(question === undefined ? {} : { question }),
    ...(reference === undefined ? {} : { reference }),
    ...(context === undefined ? {} : { context }),
  };
}

function verdictForm(schema: unknown): VerdictForm {
  const properties =
    isPlainObject(schema) && isPlainObject(schema.properties) ? schema.properties : {};
  const entries = Object.entries(properties).filter(
    (entry): entry is [string, Record<string, unknown>] => isPlainObject(entry[1]),
  );
  const isVerdict = ([, shape]: [string, Record<string, unknown>]) =>
    Array.isArray(shape.enum) || shape.type !== "string";
  const found = entries.find(isVerdict) ?? entries.find(([name]) => name !== "rationale");
  const rationaleKey = entries.find(([name]) => name !== found?.[0])?.[0] ?? "rationale";
  const [verdictKey, shape] = found ?? ["score", { minimum: 1, maximum: 5, type: "integer" }];
  return { rationaleKey, verdictKey, verdict: (share) => toVerdict(share, shape) };
}

function toVerdict(share: number, shape: Record<string, unknown>): number | string | boolean {
  if (Array.isArray(shape.enum) && shape.enum.length > 0) {
    const worst = shape.enum.length - 1;
    return shape.enum[Math.round((1 - share) * worst)] as string;
  }
  if (shape.type === "boolean") return share >= 0.5;
  if (shape.type === "string") return share >= 0.5 ? "yes" : "no";
  const low = typeof shape.minimum === "number" ? shape.minimum : 1;
  const high = typeof shape.maximum === "number" ? shape.maximum : 5;
  const value = low + share * (high - low);
  return shape.type === "integer" ? Math.round(value) : Math.round(value * 100) / 100;
}
