import { AssayError, type JsonValue } from "../core/index.ts";
import { jsonText } from "./row-texts.ts";
import type { VerdictShape } from "./verdict-shape.ts";

export function checkName(name: string): void {
  if (typeof name === "string" && name.trim() !== "" && !name.includes("/")) return;
  throw new AssayError(
    "invalid-argument",
    `Expected a judge's \`name\` to be a text without "/", such as "answer_quality", got ${JSON.stringify(name)}.`,
  );
}

export function checkText(judge: string, option: string, text: string): void {
  if (typeof text === "string" && text.trim() !== "") return;
  throw new AssayError(
    "invalid-argument",
    `Judge "${judge}": expected \`${option}\` to be a text that is not empty.`,
  );
}

export function checkVersion(judge: string, version: string | undefined): void {
  if (version === undefined || /^v\d+$/.test(version)) return;
  throw new AssayError(
    "invalid-argument",
    `Judge "${judge}": expected \`version\` to be "v" and a number, got "${version}".`,
  );
}

/** One worked grading, as it is shown to the judge. */
export interface WorkedExample {
  /** What was graded, by name. */
  readonly texts: { readonly [name: string]: JsonValue };
  readonly verdict: number | string;
  readonly rationale: string;
}

/** The examples as text, each ending in the reply that it should have got; empty without any. */
export function examplesText(examples: readonly WorkedExample[], key: "score" | "verdict"): string {
  return examples
    .map(({ texts, verdict, rationale }, index) => {
      const shown = Object.entries(texts).map(([name, value]) => `${name}: ${jsonText(value)}`);
      const reply = JSON.stringify({ rationale, [key]: verdict });
      return [`Example ${index + 1}`, ...shown, `reply: ${reply}`].join("\n");
    })
    .join("\n\n");
}

export function checkExamples(
  judge: string,
  examples: readonly WorkedExample[],
  shape: VerdictShape,
): void {
  for (const [index, { verdict }] of examples.entries()) {
    const onMenu =
      shape.kind === "number"
        ? typeof verdict === "number" && verdict >= shape.low && verdict <= shape.high
        : shape.kind !== "labels" || shape.values.has(String(verdict));
    if (onMenu) continue;
    const menu =
      shape.kind === "number"
        ? `a score from ${shape.low} to ${shape.high}`
        : "one of the judge's verdicts";
    throw new AssayError(
      "invalid-argument",
      `Judge "${judge}": expected example ${index + 1} to have ${menu}, got ${JSON.stringify(verdict)}.`,
    );
  }
}
