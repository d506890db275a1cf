import { tool } from "@langchain/core/tools";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { JsonValue } from "../../src/core/json.ts";
import type { Score } from "../../src/core/score.ts";
import type { Span, Trace } from "../../src/core/trace.ts";
import { type ToolCallMatchOptions, toolCallF1, toolCallMatch } from "../../src/metrics/index.ts";
import { pairedCalls } from "../../src/metrics/match-tool-calls.ts";
import { langchainTracer } from "../../src/tracing/langchain/index.ts";
import { captureTrace } from "../tracing/captured-traces.ts";
import { notApplicable, sampleOf } from "./sample.ts";

type Call = { name: string; arguments?: JsonValue };

const call = (name: string, given?: JsonValue): Call =>
  given === undefined ? { name } : { name, arguments: given };

function traceOf(...spans: Partial<Span>[]): Trace {
  return {
    info: {
      traceId: "tr-1",
      experimentId: "1",
      name: "agent",
      state: "OK",
      startTime: 0,
      spanCount: spans.length,
    },
    spans: spans.map((span, index) => ({
      traceId: "1",
      spanId: `${index}`,
      name: "span",
      type: "CHAIN",
      startNs: 0n,
      endNs: 1n,
      status: "OK",
      attributes: {},
      events: [],
      ...span,
    })),
  };
}

function score(
  scorer: ReturnType<typeof toolCallMatch>,
  actual: readonly Call[],
  expected: readonly JsonValue[],
) {
  return scorer(
    sampleOf({
      outputs: { tool_calls: actual as JsonValue },
      expectations: { expected_tool_calls: expected },
    }),
  );
}

const matches = (options: ToolCallMatchOptions, actual: Call[], expected: JsonValue[]) => {
  const result = score(toolCallMatch(options), actual, expected);
  return result === true;
};

describe("a match of tool calls", () => {
  const [a, b, c] = [call("a"), call("b"), call("c")];

  test.each<[NonNullable<ToolCallMatchOptions["mode"]>, Call[], Call[], boolean]>([
    ["exact", [a, b], [a, b], true],
    ["exact", [b, a], [a, b], false],
    ["exact", [a, b, c], [a, b], false],
    ["exact", [], [], true],
    ["unordered", [b, a], [a, b], true],
    // MLflow compares lengths and then sets, and lets this pass.
    ["unordered", [a, a, b], [a, b, b], false],
    ["unordered", [a, b, c], [a, b], false],
    ["subset", [a], [a, b], true],
    ["subset", [a, a], [a, b], false],
    ["subset", [c], [a, b], false],
    ["subset", [], [a], true],
    ["superset", [a, c, b], [a, b], true],
    ["superset", [a, c], [a, b], false],
    ["superset", [a], [a, a], false],
  ])("in mode %s of %j against %j: %s", (mode, actual, expected, isMatch) => {
    expect(matches({ mode }, actual, expected)).toBe(isMatch);
  });

  test("compares arguments in full, in part, or not at all", () => {
    const actual = [call("find", { city: "Paris", filter: { open: true, stars: 3 }, limit: 5 })];
    const part = [call("find", { city: "Paris", filter: { stars: 3 } })];
    const other = [call("find", { city: "Rome" })];
    expect(matches({}, actual, part)).toBe(false);
    expect(matches({ arguments: "partial" }, actual, part)).toBe(true);
    expect(matches({ arguments: "partial" }, actual, other)).toBe(false);
    expect(matches({ arguments: "ignore" }, actual, other)).toBe(true);
    expect(matches({}, actual, [call("find")])).toBe(true);
    expect(matches({}, actual, ["find"])).toBe(true);
  });

  test("does not care for the order of keys, and does for that of lists", () => {
    expect(matches({}, [call("f", { x: 1, y: 2 })], [call("f", { y: 2, x: 1 })])).toBe(true);
    expect(matches({}, [call("f", { x: [1, 2] })], [call("f", { x: [2, 1] })])).toBe(false);
    const partial = { arguments: "partial" } as const;
    expect(matches(partial, [call("f", { x: [1, 2] })], [call("f", { x: [1] })])).toBe(false);
  });

  test("takes a call without arguments for one with none", () => {
    expect(matches({}, [call("now")], [call("now", {})])).toBe(true);
  });

  test("says by name what was expected and called", () => {
    expect(score(toolCallMatch(), [a, c], [a, b])).toEqual({
      kind: "scored",
      value: false,
      rationale: "expected a, b; called a, c",
    });
    expect(score(toolCallMatch(), [], [a])).toMatchObject({
      rationale: "expected a; called none",
    });
  });

  test("pairs as many as can be paired, not the first that fit", () => {
    // The first call fits both; taken for {}, it would leave the second without a partner.
    const actual = [call("f", { x: 1 }), call("f", { y: 2 })];
    const expected = [call("f", {}), call("f", { x: 1 })];
    expect(matches({ mode: "unordered", arguments: "partial" }, actual, expected)).toBe(true);
  });

  test("refuses modes that do not exist", () => {
    expect(() => toolCallMatch({ mode: "fuzzy" as never })).toThrow(/exact, unordered, subset/);
    expect(() => toolCallF1({ arguments: "some" as never })).toThrow(/full, partial, ignore/);
  });
});

test("the pairs are as many as the best of all assignments has", () => {
  const permutations = (of: number[]): number[][] =>
    of.length === 0
      ? [[]]
      : of.flatMap((head, i) => permutations(of.toSpliced(i, 1)).map((rest) => [head, ...rest]));
  let state = 7;
  const random = (below: number) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
  const randomCall = () => {
    const given: { [key: string]: number } = {};
    for (const key of ["x", "y"]) if (random(2) === 1) given[key] = random(2);
    return call("f", given);
  };
  for (let round = 0; round < 200; round += 1) {
    const actual = Array.from({ length: random(5) }, randomCall);
    const expected = Array.from({ length: 4 }, randomCall);
    const fits = ({ arguments: all }: Call, { arguments: part }: Call) =>
      Object.entries(part as object).every(
        ([key, value]) => (all as { [key: string]: number })[key] === value,
      );
    const best = Math.max(
      ...permutations([0, 1, 2, 3]).map(
        (order) =>
          actual.filter((one, i) => fits(one, expected[order[i] as number] as Call)).length,
      ),
    );
    expect(pairedCalls(actual, expected, "partial")).toBe(best);
  }
});

test("hundreds of equal calls are paired without trying every assignment", () => {
  const many = (length: number, given: JsonValue) =>
    Array.from({ length }, () => call("search", given));
  const paired = pairedCalls(many(600, { q: "x", page: 1 }), many(300, { q: "x" }), "partial");
  expect(paired).toBe(300);
});

describe("F1 of tool calls", () => {
  const values = (result: unknown) =>
    (result as Score[]).map((one) => (one.kind === "scored" ? one.value : one.reason));

  test("counts pairs, repetitions included", () => {
    const result = score(toolCallF1(), [call("a"), call("a"), call("b")], [call("a"), call("c")]);
    // One pair; 1/3 of the calls, 1/2 of the expected.
    expect(values(result)).toEqual([0.4, 1 / 3, 0.5]);
    expect((result as Score[]).map(({ part }) => part)).toEqual([undefined, "precision", "recall"]);
  });

  test("is 1 where nothing was expected and called, 0 where only one of them", () => {
    expect(score(toolCallF1(), [], [])).toBe(1);
    expect(values(score(toolCallF1(), [call("a")], []))).toEqual([0, 0, 1]);
    expect(values(score(toolCallF1(), [], [call("a")]))).toEqual([0, 1, 0]);
  });
});

describe("tool calls are found", () => {
  const expected = { expected_tool_calls: [call("find", { city: "Paris" })] };
  const isFound = (outputs: JsonValue, trace?: Trace) =>
    toolCallMatch()(
      sampleOf({ outputs, expectations: expected, ...(trace !== undefined && { trace }) }),
    );
  const args = { city: "Paris" };
  const text = JSON.stringify(args);

  test.each<[string, JsonValue]>([
    [
      "OpenAI's chat completion",
      {
        choices: [
          {
            message: {
              role: "assistant",
              content: null,
              tool_calls: [
                { id: "1", type: "function", function: { name: "find", arguments: text } },
              ],
            },
          },
        ],
      },
    ],
    [
      "OpenAI's response",
      { output: [{ type: "reasoning" }, { type: "function_call", name: "find", arguments: text }] },
    ],
    [
      "OpenAI's older function call",
      { role: "assistant", function_call: { name: "find", arguments: text } },
    ],
    [
      "Anthropic's message",
      {
        content: [
          { type: "text", text: "…" },
          { type: "tool_use", id: "1", name: "find", input: args },
        ],
      },
    ],
    [
      "LangChain's message, with the provider's own blocks",
      {
        content: [{ type: "tool_use", name: "find", input: args }],
        tool_calls: [{ name: "find", args, id: "1", type: "tool_call" }],
        additional_kwargs: { tool_calls: [{ function: { name: "find", arguments: text } }] },
      },
    ],
    [
      "a serialised LangChain message",
      { lc: 1, type: "constructor", kwargs: { content: "", tool_calls: [{ name: "find", args }] } },
    ],
    [
      "an agent's list of messages",
      { messages: [{ content: "hi" }, { content: "", tool_calls: [{ name: "find", args }] }] },
    ],
    [
      "Vercel's result",
      { text: "", toolCalls: [], steps: [{ toolCalls: [{ toolName: "find", input: args }] }] },
    ],
    [
      "Gemini's parts",
      { candidates: [{ content: { parts: [{ functionCall: { name: "find", args } }] } }] },
    ],
    ["a plain list", { answer: "…", tool_calls: [{ name: "find", arguments: args }] }],
  ])("in %s", (_, outputs) => {
    expect(isFound(outputs)).toBe(true);
  });

  test("in the TOOL spans of the trace, before the outputs", () => {
    const trace = traceOf(
      { type: "CHAIN", name: "agent" },
      { type: "TOOL", name: "find", inputs: args },
    );
    expect(isFound({ tool_calls: [] }, trace)).toBe(true);
    const named = traceOf({
      type: "TOOL",
      name: "execute_tool find",
      inputs: text,
      attributes: { "gen_ai.tool.name": "find" },
    });
    expect(isFound("an answer", named)).toBe(true);
  });

  test("in a tool that LangChain ran", async () => {
    const find = tool(({ city }) => `${city} it is`, {
      name: "find",
      description: "Finds a city",
      schema: z.object({ city: z.string() }),
    });
    const trace = await captureTrace(() =>
      find.invoke({ city: "Paris" }, { callbacks: [langchainTracer()] }),
    );
    expect(isFound("Paris it is", trace)).toBe(true);
  });

  test("in what the trace's models asked for, where no tool was run", () => {
    const message = {
      role: "assistant",
      parts: [{ type: "tool_call", name: "find", arguments: args }],
    };
    expect(isFound("", traceOf({ type: "CHAT_MODEL", outputs: [message] }))).toBe(true);
  });

  test("to be none in a trace without tools, which is a wrong answer and no missing one", () => {
    expect(isFound("an answer", traceOf({}))).toMatchObject({
      value: false,
      rationale: "expected find; called none",
    });
  });

  test("nowhere in a text without a trace, which is not applicable", () => {
    expect(isFound("an answer")).toEqual(notApplicable(expect.stringContaining("Trace the tools")));
  });
});

test("a row that expects nothing in particular is not applicable", () => {
  expect(toolCallMatch()(sampleOf({ outputs: { tool_calls: [] } }))).toEqual(
    notApplicable(expect.stringContaining("expected_tool_calls")),
  );
});
