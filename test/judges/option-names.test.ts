import { describe, expect, test } from "vitest";
import {
  builtinJudge,
  guidelines,
  loadJudge,
  makeGenaiMetric,
  makeGenaiMetricFromPrompt,
  makeJudge,
  makePairwiseJudge,
  moderation,
  panel,
  relevance,
} from "../../src/judges/index.ts";

/** Options as JavaScript gives them: of any name and type. */
const make = {
  makeGenaiMetric: (more: object) =>
    makeGenaiMetric({ name: "g", definition: "d", gradingPrompt: "p", ...more }),
  makeGenaiMetricFromPrompt: (more: object) =>
    makeGenaiMetricFromPrompt({ name: "g", judgePrompt: "Grade {outputs}", ...more }),
  makeJudge: (more: object) =>
    makeJudge({ name: "j", instructions: "Grade {{ outputs }}", ...more }),
  makePairwiseJudge: (more: object) =>
    makePairwiseJudge({ name: "p", instructions: "{{ first }} or {{ second }}?", ...more }),
};
const MAKERS: [string, (more: object) => unknown][] = [
  ...Object.entries(make),
  ["panel", (more) => panel({ name: "p", judges: [relevance(), relevance()], ...more })],
  ["The judge relevance", (more) => relevance({ ...more })],
  ["The judge relevance", (more) => builtinJudge("relevance", { ...more })],
  ["The judge relevance", (more) => loadJudge("relevance", { ...more })],
  ["The judge guidelines", (more) => guidelines({ guidelines: "Be brief.", ...more })],
  ["moderation", (more) => moderation({ ...more })],
];

describe.each(MAKERS)("%s", (maker, judge) => {
  test("refuses an option that does not exist, and names those that do", () => {
    expect(() => judge({ modle: "openai:/m" })).toThrow(
      new RegExp(`^${maker} has no option "modle"\\. Options: .*name`),
    );
  });
  test("takes the options that it has", () => {
    expect(() => judge({ name: "other" })).not.toThrow();
  });
});

test("MLflow's spelling of an option is answered with ours", () => {
  expect(() => make.makeGenaiMetric({ grading_context_columns: "targets" })).toThrow(
    'makeGenaiMetric has no option "grading_context_columns"; it is spelt gradingContextColumns here.',
  );
});

describe("a judge's parameters", () => {
  test.each([
    [{ max_tokens: 5 }, 'unknown parameter "max_tokens"; it is spelt maxTokens here'],
    [{ top_p: 0.5 }, 'unknown parameter "top_p"; it is spelt topP here'],
    [{ n: 2 }, 'unknown parameter "n"; there are temperature, topP, maxTokens, seed, stop'],
    [{ temperature: "hot" }, 'expected `parameters.temperature` to be a number from 0, got "hot"'],
    [{ topP: 2 }, "expected `parameters.topP` to be a number from 0 to 1, got 2"],
    [{ maxTokens: 0 }, "expected `parameters.maxTokens` to be a whole number from 1, got 0"],
    [{ seed: 0.5 }, "expected `parameters.seed` to be a whole number, got 0.5"],
    [{ stop: "." }, 'expected `parameters.stop` to be a list of texts, got "."'],
    ["cold", "expected `parameters` to be an object"],
  ])("%j are refused", (parameters, problem) => {
    for (const judge of [...Object.values(make), (more: object) => relevance({ ...more })]) {
      expect(() => judge({ parameters })).toThrow(problem);
    }
  });

  test("of every kind are taken", () => {
    const parameters = { temperature: 0, topP: 1, maxTokens: 9, seed: 3, stop: ["."] };
    expect(() => make.makeJudge({ parameters })).not.toThrow();
  });
});

test.each(["bool", "str", 4, null, { a: 1 }, [1, 2]])("%j is no type of feedback", (given) => {
  expect(() => make.makeJudge({ feedbackValueType: given })).toThrow(
    `expected \`feedbackValueType\` to be "boolean", "integer", "number", "string", "list" or a list of labels, got ${JSON.stringify(given)}`,
  );
});
