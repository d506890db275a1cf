import { describe, expect, test } from "vitest";
import {
  claimFaithfulness,
  equivalence,
  expectationsGuidelines,
  guidelines,
  knowledgeRetention,
  makePairwiseJudge,
  preference,
  retrievalGroundedness,
  retrievalRelevance,
  retrievalSufficiency,
  roleAdherence,
  toolCallCorrectness,
  userFrustration,
} from "../../src/judges/index.ts";
import { sampleOf } from "../support/sample.ts";
import { answering, blocksOf, briefly, scoresOf, yes } from "./answering.ts";
import { span, traceOf } from "./traces.ts";

const inputs = { question: "Which port and transport does HTTPS use?" };
const outputs = "Port 443 over TCP.";

describe("retrieval judges over the retrievers of a trace", () => {
  const ports = span({ type: "RETRIEVER", name: "ports", outputs: [{ content: "Port 443." }] });
  const transports = span({
    type: "RETRIEVER",
    name: "transports",
    outputs: ["TCP carries it.", "UDP too."],
  });
  // Inside another one, whose documents it gave.
  const inner = span({
    type: "RETRIEVER",
    name: "inner",
    parentSpanId: ports.spanId,
    outputs: ["Port 443, again."],
  });
  const trace = traceOf([ports, inner, transports]);
  const both = (context = "") => context.includes("443") && context.includes("TCP");

  test("an answer drawn from two retrievers is grounded in both together and in neither alone", async () => {
    const model = answering(({ context }) => yes(both(context)));
    const judge = retrievalGroundedness({ model });
    expect(briefly(await scoresOf(judge, sampleOf({ inputs, outputs, trace })))).toEqual({
      row: 1,
      "retriever 1: ports": 0,
      "retriever 2: transports": 0,
    });
    expect(model.calls).toHaveLength(3);
  });

  test("sufficiency looks for the expected answer, which it cannot do without", async () => {
    const model = answering(({ context, expectations }) =>
      yes(both(context) && expectations === "443, TCP"),
    );
    const judge = retrievalSufficiency({ model });
    const expectations = { expected_response: "443, TCP" };
    const scores = await scoresOf(judge, sampleOf({ inputs, outputs, trace, expectations }));
    expect(briefly(scores)).toMatchObject({ row: 1, "retriever 1: ports": 0 });
    const without = await scoresOf(judge, sampleOf({ inputs, outputs, trace }));
    expect(briefly(without)).toEqual({ row: "not-applicable" });
  });

  test("one retriever, or a context column, is one question", async () => {
    const model = answering(() => yes(true));
    const judge = retrievalGroundedness({ model });
    await judge(sampleOf({ inputs, outputs, trace: traceOf([ports]) }));
    const sample = sampleOf({ inputs, outputs, trace, context: "443, TCP" });
    await judge({ ...sample, row: { ...sample.row, context: "443, TCP" } });
    expect(model.calls.map((call) => blocksOf(call).context)).toEqual([
      "[1]\nPort 443.",
      "443, TCP",
    ]);
  });

  test("relevance asks about each document; the row has the precision, and each retriever its own", async () => {
    const model = answering(({ context = "" }) => yes(!context.includes("UDP")));
    const scores = await scoresOf(
      retrievalRelevance({ model }),
      sampleOf({ inputs, outputs, trace }),
    );
    expect(briefly(scores)).toEqual({
      row: 2 / 3,
      "document 1": 1,
      "document 2": 1,
      "document 3": 0,
      "retriever 1: ports": 1,
      "retriever 2: transports": 0.5,
    });
    expect(model.calls).toHaveLength(3);
  });

  test("a retriever that returned nothing leaves nothing to judge, which is no bad verdict", async () => {
    const empty = traceOf([span({ type: "RETRIEVER", name: "empty", outputs: [] })]);
    const judge = retrievalRelevance({ model: answering(() => yes(true)) });
    expect(briefly(await scoresOf(judge, sampleOf({ inputs, outputs, trace: empty })))).toEqual({
      row: "not-applicable",
    });
  });

  test("a document whose verdict is missing leaves the row without one", async () => {
    const model = answering(({ context = "" }) =>
      context.includes("UDP") ? { text: "", refusal: "no" } : yes(true),
    );
    const scores = await scoresOf(
      retrievalRelevance({ model }),
      sampleOf({ inputs, outputs, context: ["TCP", "UDP"] }),
    );
    expect(briefly(scores)).toEqual({ row: "refused", "document 1": 1, "document 2": "refused" });
  });
});

describe("claims", () => {
  const judge = (claims: string) =>
    claimFaithfulness({
      model: answering(({ claim = "" }, { responseSchema }) =>
        JSON.stringify(responseSchema).includes('"claims"')
          ? claims
          : JSON.stringify({ verdict: claim.includes("443") ? "supported" : "unsupported" }),
      ),
    });
  const sample = sampleOf({ inputs, outputs, context: "HTTPS: port 443" });

  test.each([
    ["JSON", '{"claims":["It is port 443.","It is TCP."]}'],
    ["a fence", '```json\n["It is port 443.", "It is TCP."]\n```'],
    ["objects", '{"claims":[{"claim":"It is port 443."},{"claim":"It is TCP."}]}'],
    ["a numbered list", "The claims are:\n1. It is port 443.\n2. It is TCP."],
  ])("listed as %s are judged one by one; the score is the share supported", async (_, claims) => {
    expect(briefly(await scoresOf(judge(claims), sample))).toEqual({
      row: 0.5,
      "claim 1: It is port 443.": 1,
      "claim 2: It is TCP.": 0,
    });
  });

  test("an answer without claims is not applicable, not perfect", async () => {
    const scores = await scoresOf(judge('{"claims":[]}'), sample);
    expect(briefly(scores)).toEqual({ row: "not-applicable" });
  });

  test("a list that cannot be read is unparseable after one repair", async () => {
    const scores = await scoresOf(judge("There are none to speak of"), sample);
    expect(briefly(scores)).toEqual({ row: "judge-unparseable" });
  });
});

describe("conversations", () => {
  const messages = [
    { role: "system", content: "You are a librarian." },
    { role: "user", content: "I am Ada. Is the library open?" },
    { type: "ai", content: "It is, Ada." },
    { type: "human", content: "Who am I?" },
  ];

  test("are shown turn by turn with the answer last", async () => {
    const model = answering(() => '{"verdict":"resolved"}');
    const sample = sampleOf({ inputs: { messages }, outputs: "I do not know." });
    expect(briefly(await scoresOf(userFrustration({ model }), sample))).toEqual({ row: 0.5 });
    expect(blocksOf(model.calls[0] ?? { messages: [] }).conversation).toBe(
      "system: You are a librarian.\n\nuser: I am Ada. Is the library open?\n\nassistant: It is, Ada.\n\nuser: Who am I?\n\nassistant: I do not know.",
    );
  });

  test("knowledge retention asks at each answer about what was said before; the worst counts", async () => {
    const model = answering(({ conversation = "" }) => yes(!conversation.includes("do not know")));
    const sample = sampleOf({ inputs: { messages }, outputs: "I do not know." });
    const scores = await scoresOf(knowledgeRetention({ model }), sample);
    expect(briefly(scores)).toEqual({ row: 0, "turn 3": 1, "turn 5": 0 });
  });

  test("a role that is given is shown", async () => {
    const model = answering(() => yes(true));
    const expectations = { role: "A librarian who knows names." };
    await roleAdherence({ model })(sampleOf({ inputs: { messages }, outputs: "x", expectations }));
    expect(blocksOf(model.calls[0] ?? { messages: [] }).expectations).toBe(expectations.role);
  });
});

describe("what a judge is told", () => {
  test("guidelines stand in its prompt, and make another judge of it", async () => {
    const model = answering(() => yes(true));
    const judge = guidelines({ guidelines: ["Be brief.", "Be kind."], model });
    await judge(sampleOf({ inputs, outputs }));
    expect(model.calls[0]?.messages[1]?.content).toContain("- Be brief.\n- Be kind.");
    const other = guidelines({ guidelines: "Be brief.", model });
    expect(other.scorer.fingerprint).not.toBe(judge.scorer.fingerprint);
    expect(guidelines({ guidelines: "x", name: "tone", model }).scorer.name).toBe("tone");
    expect(() => guidelines({ guidelines: [] })).toThrow("needs `settings: { guidelines }`");
  });

  test("a row's own guidelines are a list; a row without any is not applicable", async () => {
    const model = answering(() => yes(false));
    const judge = expectationsGuidelines({ model });
    const expectations = { guidelines: ["Be brief.", "Be kind."] };
    await judge(sampleOf({ inputs, outputs, expectations }));
    expect(blocksOf(model.calls[0] ?? { messages: [] }).expectations).toBe(
      "- Be brief.\n- Be kind.",
    );
    expect(await judge(sampleOf({ inputs, outputs }))).toMatchObject({
      reason: "not-applicable",
      detail: expect.stringContaining("none of guidelines"),
    });
  });

  test("tool calls are read in the trace, beside the expected ones where there are any", async () => {
    const model = answering(() => yes(true));
    const trace = traceOf([span({ type: "TOOL", name: "weather", inputs: { city: "Paris" } })]);
    const expectations = { expected_tool_calls: [{ name: "weather" }] };
    await toolCallCorrectness({ model })(sampleOf({ inputs, outputs, trace, expectations }));
    const blocks = blocksOf(model.calls[0] ?? { messages: [] });
    expect(blocks.trace).toContain('TOOL weather (OK, 1 ms)\n  inputs: {"city":"Paris"}');
    expect(blocks.expectations).toContain('"name": "weather"');
  });

  test.each([
    ["equal texts", "443", "443", 1],
    ["numbers that differ by rounding", 0.1 + 0.2, 0.3, 1],
    ["objects whose keys are in another order", { a: 1, b: 2 }, { b: 2, a: 1 }, 1],
  ])("equivalence asks nothing about %s", async (_name, answer, expected, value) => {
    const model = answering(() => yes(false));
    const expectations = { expected_response: expected };
    const score = await equivalence({ model })(sampleOf({ outputs: answer, expectations }));
    expect(score).toMatchObject({ value });
    expect(model.calls).toEqual([]);
    const other = sampleOf({ outputs: "four four three", expectations });
    expect(await equivalence({ model })(other)).toMatchObject({ value: 0 });
  });
});

describe("pairwise judges", () => {
  const sample = sampleOf({ inputs, outputs: "good", columns: { baseline_outputs: "bad" } });
  const verdict = (label: string) => JSON.stringify({ rationale: "r", verdict: label });

  test("ask in both orders, and prefer what is preferred in both", async () => {
    const model = answering(({ first }) => verdict(first === "good" ? "first" : "second"));
    const scores = await scoresOf(preference({ model }), sample);
    expect(briefly(scores)).toEqual({ row: 1, "order 1": 1, "order 2": 1, flip_rate: 0 });
    expect(model.calls.map((call) => blocksOf(call).first)).toEqual(["good", "bad"]);
  });

  test("are even where the orders disagree, which counts as a flip", async () => {
    const scores = await scoresOf(preference({ model: answering(() => verdict("first")) }), sample);
    expect(briefly(scores)).toEqual({ row: 0.5, "order 1": 1, "order 2": 0, flip_rate: 1 });
    expect(scores[0]).toMatchObject({ rationale: "The two orders disagree." });
  });

  test("a tie in one order and a preference in the other is a disagreement", async () => {
    const model = answering(({ first }) => verdict(first === "good" ? "tie" : "first"));
    const scores = await scoresOf(preference({ model }), sample);
    expect(briefly(scores)).toEqual({ row: 0.5, "order 1": 0.5, "order 2": 0, flip_rate: 1 });
  });

  test("do not ask about identical answers", async () => {
    const model = answering(() => verdict("first"));
    const same = sampleOf({ inputs, outputs: "good", columns: { other: "good" } });
    expect(await preference({ model, against: "other" })(same)).toMatchObject({ value: 0.5 });
    expect(model.calls).toEqual([]);
  });

  test("say which column they lack", async () => {
    const score = await preference({ model: answering(() => "") })(sampleOf({ inputs, outputs }));
    expect(score).toMatchObject({
      reason: "not-applicable",
      detail: expect.stringContaining('the column "baseline_outputs"'),
    });
  });

  test("an order without a verdict leaves the row without one", async () => {
    const model = answering(({ first }) => (first === "good" ? verdict("first") : "hm"));
    expect(briefly(await scoresOf(preference({ model }), sample))).toEqual({
      row: "judge-unparseable",
      "order 1": 1,
      "order 2": "judge-unparseable",
    });
  });

  test("with a scale each answer gets a score, and the higher one is preferred", async () => {
    const judge = makePairwiseJudge({
      name: "helpful",
      instructions: "{{ inputs }} {{ first }} {{ second }}",
      scale: [1, 10],
      model: answering(({ first }) =>
        first === "good" ? "9 7.5\nWhy." : '{"first":7,"second":8}',
      ),
    });
    expect(briefly(await scoresOf(judge, sample))).toEqual({
      row: 1,
      "order 1": 1,
      "order 1 score": 9,
      "order 1 other score": 7.5,
      "order 2": 1,
      "order 2 score": 8,
      "order 2 other score": 7,
      flip_rate: 0,
    });
  });
});
