import {
  answerOf,
  type JsonValue,
  outerRetrievers,
  type ScorerInput,
  toDocuments,
} from "../core/index.ts";
import { traceText } from "./trace-text.ts";

/** What a judge can be shown of a result, by the names of the one vocabulary. */
export const ROW_VARIABLES = [
  "inputs",
  "outputs",
  "expectations",
  "context",
  "trace",
  "conversation",
] as const;

export type RowVariable = (typeof ROW_VARIABLES)[number];

/** The variable a name means; singular forms are accepted, `undefined` for any other name. */
export function rowVariable(name: string): RowVariable | undefined {
  return ROW_VARIABLES.find((variable) => variable === name || variable === `${name}s`);
}

/** The text of a variable; `undefined` where the row has none. An empty answer is an answer. */
export function rowText(sample: ScorerInput, variable: RowVariable): string | undefined {
  switch (variable) {
    case "inputs":
      return isNothing(sample.input) ? undefined : jsonText(sample.input);
    case "outputs":
      return answerText(sample);
    case "expectations":
      return expectationsText(sample);
    case "context":
      return contextText(contextOf(sample));
    case "trace":
      return sample.trace === undefined ? undefined : traceText(sample.trace);
    case "conversation":
      return turnsText(conversationTurns(sample));
  }
}

const ADVICE: { readonly [variable in RowVariable]: string } = {
  inputs: "it has no inputs; give the row an input such as `question`",
  outputs: "it has no outputs; give a model, or name the column that holds the predictions",
  expectations: "it has no expectations; add `expected_response`, or name the `targets` column",
  context:
    "it has no context; add a `context` column, or trace the retriever so that its documents are known",
  trace: "it has no trace; trace the model under test",
  conversation: "it has no conversation; add `inputs.messages`",
};

/** Why a judge that needs `variable` cannot judge a row without it, and what to add. */
export function absenceOf(variable: RowVariable, judge: string): string {
  return `Judge "${judge}" needs ${variable} of the row, but ${ADVICE[variable]}.`;
}

/** The answer itself, of all that an agent's state holds. */
export function answerText({ outputs }: ScorerInput): string {
  return jsonText(answerOf(outputs));
}

/** What the answer should have been: the expected response, else the expected facts as a list. */
export function referenceText({ expectations, expected }: ScorerInput): string | undefined {
  const response = referenceOf(expectations, expected);
  if (response !== undefined) return jsonText(response);
  return listText(expectations.expected_facts);
}

/** The expected response as a value. */
export function referenceOf(
  expectations: ScorerInput["expectations"],
  expected: JsonValue | undefined,
): JsonValue | undefined {
  const response = expectations.expected_response ?? expected;
  return isNothing(response) ? undefined : response;
}

/** Expectations by name, as they are shown to a judge: one bare, several as JSON; absent without any. */
export function namedExpectations(
  { expectations }: ScorerInput,
  names: readonly string[],
): string | undefined {
  const there = names.filter((name) => !isNothing(expectations[name]));
  const [only] = there;
  if (only === undefined) return undefined;
  if (there.length > 1)
    return jsonText(Object.fromEntries(there.map((n) => [n, expectations[n] ?? null])));
  return listText(expectations[only]) ?? jsonText(expectations[only]);
}

/** Texts one below the other; `undefined` for what is no list of them. */
function listText(value: JsonValue | undefined): string | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const members = value as readonly JsonValue[];
  if (members.some((member) => typeof member === "object")) return undefined;
  return members.map((member) => `- ${jsonText(member)}`).join("\n");
}

/** The row's context; else what the retrievers of its trace returned. */
export function contextOf({ context, trace }: ScorerInput): ScorerInput["context"] {
  if (!isNothing(context)) return context;
  const spans = trace === undefined ? [] : outerRetrievers(trace.spans);
  return spans.length === 0 ? context : spans.flatMap((span) => toDocuments(span.outputs));
}

/**
 * A column by name: an expectation, a column of the row, a member of the inputs, or one of the
 * vocabulary's own names; `targets` is the expected response, as in MLflow.
 */
export function columnText(sample: ScorerInput, name: string): string | undefined {
  const inputs =
    typeof sample.inputs === "object" && !Array.isArray(sample.inputs) ? sample.inputs : {};
  for (const columns of [sample.expectations, sample.row.columns, inputs]) {
    const value = columns && Object.hasOwn(columns, name) ? Reflect.get(columns, name) : undefined;
    if (!isNothing(value)) return jsonText(value as JsonValue);
  }
  if (name === "targets" || name === "expected") return referenceText(sample);
  if (name === "predictions" || name === "prediction") return answerText(sample);
  const variable = rowVariable(name);
  return variable === undefined ? undefined : rowText(sample, variable);
}

/** The names that {@link columnText} finds in this row. */
export function availableColumns(sample: ScorerInput): string[] {
  const inputs =
    typeof sample.inputs === "object" && !Array.isArray(sample.inputs) ? sample.inputs : {};
  const own = [sample.expectations, sample.row.columns, inputs].flatMap((c) =>
    Object.keys(c ?? {}),
  );
  const variables = ROW_VARIABLES.filter((variable) => rowText(sample, variable) !== undefined);
  return [...new Set([...own, ...variables])];
}

export function jsonText(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null, null, 2);
}

function isNothing(value: unknown): value is undefined | null {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function expectationsText(sample: ScorerInput): string | undefined {
  const { expectations } = sample;
  const names = Object.keys(expectations);
  if (names.length === 0)
    return sample.expected === undefined ? undefined : jsonText(sample.expected);
  const [only = ""] = names;
  return jsonText(names.length === 1 ? expectations[only] : expectations);
}

/** Documents one by one; a context of a shape that no library gives, as it is. */
export function contextText(context: ScorerInput["context"]): string | undefined {
  if (isNothing(context)) return undefined;
  if (typeof context === "string") return context;
  const documents = toDocuments(context);
  if (documents.length === 0) {
    const isEmptyList = Array.isArray(context) && context.length === 0;
    return isEmptyList ? undefined : JSON.stringify(context);
  }
  return documents
    .map(
      ({ id, content }, index) => `[${index + 1}]${id === undefined ? "" : ` ${id}`}\n${content}`,
    )
    .join("\n\n");
}

/** One turn of a conversation. */
export interface Turn {
  readonly role: string;
  readonly text: string;
}

/** The turns of `inputs.messages`, else the input as one turn, with the answer as the last turn. */
export function conversationTurns(sample: ScorerInput): Turn[] {
  const given =
    typeof sample.inputs === "object" && sample.inputs !== null
      ? Reflect.get(sample.inputs, "messages")
      : undefined;
  const turns = Array.isArray(given)
    ? given.map((turn: { role?: JsonValue; type?: JsonValue; content?: JsonValue }) => ({
        role: roleOf(turn?.role ?? turn?.type),
        text: jsonText(turn?.content),
      }))
    : isNothing(sample.input)
      ? []
      : [{ role: "user", text: jsonText(sample.input) }];
  return [...turns, { role: "assistant", text: answerText(sample) }];
}

/** LangChain calls the two sides human and ai. */
function roleOf(given: JsonValue | undefined): string {
  const role = jsonText(given ?? "user");
  return role === "human" ? "user" : role === "ai" ? "assistant" : role;
}

export function turnsText(turns: readonly Turn[]): string {
  return turns.map(({ role, text }) => `${role}: ${text}`).join("\n\n");
}
