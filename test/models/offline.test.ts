import { describe, expect, test } from "vitest";
import { blockNonce, renderBlock } from "../../src/core/index.ts";
import { type ChatRequest, lexicalJudge, reader } from "../../src/models/index.ts";
import { sentences, tokenF1 } from "../../src/models/offline/text.ts";

const CONTEXT = `# HTTP

Plain HTTP uses TCP port 80 by default. HTTPS uses TCP port 443 by default,
and HTTP/3 moves to UDP. RFC 9110 was published in June 2022, e.g. for semantics.

- Caching is described in RFC 9111.`;

const ask = async (messages: ChatRequest["messages"]) =>
  (await reader().generate({ messages })).text;
const block = (name: string, text: string) => renderBlock({ name, text }, blockNonce("t", [text]));

describe("offline:/reader answers from", () => {
  const answer = "HTTPS uses TCP port 443 by default, and HTTP/3 moves to UDP.";
  const question = "Which port does HTTPS use?";
  test.each<[string, ChatRequest["messages"]]>([
    [
      "blocks",
      [{ role: "user", content: `${block("context", CONTEXT)}\n${block("inputs", question)}` }],
    ],
    [
      "a context in the system message",
      [
        { role: "system", content: `You are helpful.\n\nContext:\n${CONTEXT}` },
        { role: "user", content: question },
      ],
    ],
    [
      "LangChain's prompt",
      [
        {
          role: "user",
          content: `Use the following pieces of retrieved context to answer the question. If you don't know, say so.\nQuestion: ${question}\nContext: ${CONTEXT}\nAnswer:`,
        },
      ],
    ],
    [
      "a context before a labelled question",
      [{ role: "user", content: `Documents:\n${CONTEXT}\n\nQuestion: ${question}\nAnswer:` }],
    ],
    ["loose text", [{ role: "user", content: `${CONTEXT}\n\n${question}` }]],
    [
      "the last of several questions",
      [
        { role: "system", content: `Context:\n${CONTEXT}` },
        { role: "user", content: "When was RFC 9110 published?" },
        { role: "assistant", content: "June 2022." },
        { role: "user", content: question },
      ],
    ],
  ])("%s", async (_name, messages) => {
    expect(await ask(messages)).toBe(answer);
  });

  test("nothing, when the documents do not say", async () => {
    const messages = [
      { role: "user" as const, content: `${CONTEXT}\n\nWho won the cup in Lisbon?` },
    ];
    expect(await ask(messages)).toBe("The documents do not say.");
    expect(await ask([{ role: "user", content: "Who won?" }])).toBe("The documents do not say.");
    expect(await ask([{ role: "user", content: "" }])).toBe("The documents do not say.");
  });

  test("a list item, without its mark", async () => {
    const content = `${CONTEXT}\n\nQuestion: Which RFC describes caching?`;
    expect(await ask([{ role: "user", content }])).toBe("Caching is described in RFC 9111.");
  });
});

test("an offline model reports no usage, and a cancelled call as cancelled", async () => {
  const messages = [{ role: "user" as const, content: "Which port?" }];
  expect(await reader().generate({ messages })).not.toHaveProperty("usage");
  const signal = AbortSignal.abort();
  await expect(reader().generate({ messages, signal })).rejects.toMatchObject({
    code: "cancelled",
  });
});

describe("offline:/lexical-judge", () => {
  const schemaOf = (verdict: object) => ({
    type: "object",
    properties: { rationale: { type: "string" }, ...verdict },
  });
  const SCALE = schemaOf({ score: { type: "integer", minimum: 1, maximum: 5 } });

  async function judge(blocks: { [name: string]: string }, schema: object = SCALE, name = "judge") {
    const content = Object.entries(blocks)
      .map(([block_, text]) => block(block_, text))
      .join("\n");
    const responseSchema = {
      name,
      schema: schema as NonNullable<ChatRequest["responseSchema"]>["schema"],
    };
    const { text } = await lexicalJudge().generate({
      messages: [{ role: "user", content }],
      responseSchema,
    });
    return JSON.parse(text) as { rationale: string; score?: number; verdict?: unknown };
  }

  test("measures against a reference by token F1 and says so, rationale first", async () => {
    const same = await judge({
      inputs: "Which port?",
      outputs: "Port 443",
      expectations: "Port 443.",
    });
    expect(Object.keys(same)).toEqual(["rationale", "score"]);
    expect(same).toEqual({
      rationale:
        "Lexical baseline, not an LLM: token F1 of the answer against the reference is 1.00.",
      score: 5,
    });
    expect((await judge({ outputs: "Bananas", expectations: "Port 443" })).score).toBe(1);
  });

  test("measures support by the context", async () => {
    const half = await judge({ outputs: "HTTPS bananas", context: "HTTPS is a protocol." });
    expect(half.score).toBe(3);
    expect(half.rationale).toContain("1 of the answer's 2 content words occur in the context");
  });

  test("measures relevance by what the answer takes up and adds", async () => {
    const inputs = "Which port does HTTPS use?";
    const of = async (outputs: string) =>
      (await judge({ inputs, outputs }, SCALE, "relevance")).score;
    expect(await of("HTTPS listens on port 443.")).toBe(5);
    expect(await of("Which port does HTTPS use?")).toBe(1);
    expect(await of("Bananas grow in Ecuador.")).toBe(1);
    expect(await of("")).toBe(1);
  });

  test("answers in the form that the schema asks for", async () => {
    const good = { outputs: "Port 443", expectations: "Port 443" };
    const bad = { outputs: "Bananas", expectations: "Port 443" };
    const labels = schemaOf({ verdict: { type: "string", enum: ["good", "fine", "bad"] } });
    expect([(await judge(good, labels)).verdict, (await judge(bad, labels)).verdict]).toEqual([
      "good",
      "bad",
    ]);
    const truth = schemaOf({ verdict: { type: "boolean" } });
    expect([(await judge(good, truth)).verdict, (await judge(bad, truth)).verdict]).toEqual([
      true,
      false,
    ]);
    const wide = schemaOf({ score: { type: "number", minimum: 0, maximum: 100 } });
    expect((await judge({ outputs: "Port 80", expectations: "Port 443" }, wide)).score).toBe(50);
  });
});

test("token F1 counts words one to one, as in SQuAD", () => {
  // shared 2 (port, 443) of 3 and 2: F1 = 2·2 / (3 + 2)
  expect(tokenF1("TCP port 443", "port 443")).toBeCloseTo(0.8, 10);
  expect(tokenF1("443 443", "443")).toBeCloseTo(2 / 3, 10);
  expect(tokenF1("", "")).toBe(1);
  expect(tokenF1("443", "")).toBe(0);
});

test("sentences end at stops, headings and list items, not at abbreviations or numbers", () => {
  expect(
    sentences(
      "# Ports\nOne, e.g. 443. It costs 3.5 ms.\nStill here? Yes!\n\n- item one\n- item two",
    ),
  ).toEqual([
    "# Ports",
    "One, e.g. 443.",
    "It costs 3.5 ms.",
    "Still here?",
    "Yes!",
    "- item one",
    "- item two",
  ]);
});
