import { defineScorer, type Score, type Scorer, type ScorerInput } from "../core/score.ts";
import { checkChoice } from "./check-choice.ts";
import { type ArgumentMatch, isSameCall, pairedCalls } from "./match-tool-calls.ts";
import { notApplicable } from "./not-applicable.ts";
import { actualToolCalls, expectedToolCalls, type ToolCall } from "./tool-calls.ts";

const MODES = ["exact", "unordered", "subset", "superset"] as const;
const ARGUMENTS = ["full", "partial", "ignore"] as const;

export interface ToolCallMatchOptions {
  /**
   * Default `exact`: the expected calls in their order and no others. `unordered`: in any order;
   * `subset`: none but expected ones; `superset`: all expected ones, and others too.
   */
  readonly mode?: (typeof MODES)[number];
  /**
   * Default `full`: the arguments as expected and no others. `partial`: those that are given;
   * `ignore`: names alone. An expected call without arguments takes any.
   */
  readonly arguments?: ArgumentMatch;
}

/** Whether the tools called are those of `expectations.expected_tool_calls`. */
export function toolCallMatch(options: ToolCallMatchOptions = {}): Scorer {
  const { mode = "exact", arguments: match = "full" } = options;
  checkChoice("mode", mode, MODES);
  return toolCallScorer(`tool_call_match`, [mode, match], match, (actual, expected) => {
    if (isMatch(actual, expected, mode, match)) return true;
    return { kind: "scored", value: false, rationale: difference(actual, expected) };
  });
}

/**
 * F1 of the tools called against `expectations.expected_tool_calls`, order aside; precision and recall
 * come as parts. 1 where none was expected and none called.
 */
export function toolCallF1(options: Pick<ToolCallMatchOptions, "arguments"> = {}): Scorer {
  const { arguments: match = "full" } = options;
  return toolCallScorer("tool_call_f1", [match], match, (actual, expected) => {
    if (actual.length + expected.length === 0) return 1;
    const paired = pairedCalls(actual, expected, match);
    // Nothing called is no wrong call, and nothing expected is nothing missed.
    const share = (of: number) => (of === 0 ? 1 : paired / of);
    return [
      { kind: "scored", value: (2 * paired) / (actual.length + expected.length) },
      { kind: "scored", value: share(actual.length), part: "precision" },
      { kind: "scored", value: share(expected.length), part: "recall" },
    ];
  });
}

function toolCallScorer(
  name: string,
  settings: readonly string[],
  match: ArgumentMatch,
  score: (
    actual: readonly ToolCall[],
    expected: readonly ToolCall[],
  ) => number | boolean | Score | Score[],
): Scorer {
  checkChoice("arguments", match, ARGUMENTS);
  return defineScorer(
    {
      name,
      scale: [0, 1],
      greaterIsBetter: true,
      source: { kind: "code" },
      isImmediate: true,
      requires: ["expected_tool_calls"],
      fingerprint: [name, ...settings].join(":"),
    },
    (sample: ScorerInput) => {
      const expected = expectedToolCalls(sample.expectations);
      if (expected === undefined) {
        return notApplicable(
          `${name} needs \`expectations.expected_tool_calls\`, a list of { name, arguments? }; the row has none`,
        );
      }
      const actual = actualToolCalls(sample);
      if (actual !== undefined) return score(actual, expected);
      return notApplicable(
        `${name} found neither a trace nor \`tool_calls\` in the outputs. Trace the tools, or return the model's message`,
      );
    },
  );
}

function isMatch(
  actual: readonly ToolCall[],
  expected: readonly ToolCall[],
  mode: (typeof MODES)[number],
  match: ArgumentMatch,
): boolean {
  const isAsLong = actual.length === expected.length;
  if (mode === "exact") {
    return isAsLong && actual.every((call, i) => isSameCall(call, expected[i] as ToolCall, match));
  }
  const paired = pairedCalls(actual, expected, match);
  switch (mode) {
    case "unordered":
      return isAsLong && paired === expected.length;
    case "subset":
      return paired === actual.length;
    case "superset":
      return paired === expected.length;
  }
}

/** Names alone: arguments are the user's data. */
function difference(actual: readonly ToolCall[], expected: readonly ToolCall[]): string {
  const names = (calls: readonly ToolCall[]) => calls.map(({ name }) => name).join(", ") || "none";
  return `expected ${names(expected)}; called ${names(actual)}`;
}
