import { describe, expect, test } from "vitest";
import { type JsonValue, redactJson, redactText } from "../../../src/core/index.ts";
import { KEYS, NAMED } from "./formats.ts";

const SECRETS = [...Object.values(KEYS), ...Object.values(NAMED).map(({ text }) => text)];
const PARTS = [...Object.values(KEYS), ...Object.values(NAMED).map(({ secret }) => secret)];
const FILLERS = [
  '"',
  "\\",
  "\n",
  "\t",
  "\u0000",
  "/",
  "'",
  " ",
  "é",
  "😀",
  "a:",
  "=",
  "{",
  "],",
  "\\n",
  "%",
  "<",
  "`",
  "- ",
];

/** Numbers below `bound`, each test run the same. */
function dice(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % bound;
  };
}

function randomText(roll: (bound: number) => number): string {
  const pick = <T>(list: readonly T[]) => list[roll(list.length)] as T;
  const fill = () => Array.from({ length: roll(4) }, () => pick(FILLERS)).join("");
  return `${fill()}${roll(3) === 0 ? ` ${pick(SECRETS)} ` : ""}${fill()}`;
}

function randomValue(roll: (bound: number) => number, depth = 0): JsonValue {
  const kind = roll(depth > 3 ? 4 : 7);
  if (kind === 0) return roll(1000) / 8;
  if (kind === 1) return roll(2) === 0 ? null : true;
  if (kind < 4) return randomText(roll);
  if (kind === 4) return Array.from({ length: roll(4) }, () => randomValue(roll, depth + 1));
  if (kind === 5) return JSON.stringify(randomValue(roll, depth + 1));
  return Object.fromEntries(
    Array.from({ length: roll(4) }, (_, at) => [
      `${at}${roll(4) === 0 ? randomText(roll) : pickName(roll)}`,
      randomValue(roll, depth + 1),
    ]),
  );
}

const pickName = (roll: (bound: number) => number) =>
  ["content", "api_key", "password", "token", "Authorization", "url"][roll(6)];

describe("JSON", () => {
  test("of any form stays JSON, holds no secret, and is masked as its values are", () => {
    let withSecret = 0;
    for (let seed = 1; seed <= 3000; seed++) {
      const value = randomValue(dice(seed));
      const text = JSON.stringify(value);
      const masked = redactText(text);
      expect(JSON.parse(masked)).toEqual(redactJson(value));
      if (masked !== text) withSecret++;
      for (const part of PARTS) expect(masked).not.toContain(part);
    }
    expect(withSecret).toBeGreaterThan(500);
  });

  test("without a secret is handed back itself, not a copy", () => {
    const value = { inputs: { question: "What is an API key?" }, n: [1, 2, { a: null }] };
    expect(redactJson(value)).toBe(value);
  });

  test("tells by the name of a member what its text is", () => {
    expect(redactJson({ api_key: "abcdef1234567890", count: "abcdef1234567890" })).toEqual({
      api_key: "[redacted]",
      count: "abcdef1234567890",
    });
  });
});

describe("long texts of one piece", () => {
  const LENGTH = 300_000;
  const PIECES = [
    "sk-",
    "sk-a-",
    "sk-ant-",
    "sk-1-",
    "eyJ",
    "eyJ.",
    ".eyJabcdefghijkl",
    "a:",
    "a://b:",
    "://",
    "http://a:b/",
    "a://a@",
    " ",
    '"',
    "'",
    "-",
    "_",
    ".",
    "api_key=",
    '"api_key":"',
    "password=",
    "password ",
    "token=",
    "key",
    "token\t\t\t",
    "secret]",
    "api_key\\\\\\",
    "\\",
    '\\"',
    "bearer ",
    "authorization: ",
    "Authorization: Basic ",
    " --a-a-a-password",
    "curl -u ",
    "-u a:",
    "?token=",
    "&key=",
    "==:=",
    "12345678:",
    "MTA",
    "Q~",
    "xoxb-",
    "ATATT3",
    "-----BEGIN PRIVATE KEY-----\n",
    "hooks.slack.com/services/",
    "1//0",
    "A",
    "aA0",
    "[redacted]",
  ];

  test.each(PIECES)("%j are searched in a time that grows with their length alone", (piece) => {
    const started = performance.now();
    const text = piece.repeat(Math.ceil(LENGTH / piece.length));
    // The rules behind each of the three hints are made to run.
    redactText(`sk-${"1".repeat(20)} AIza${"1".repeat(35)} x://a:b@c ${text}!`);
    redactText(`://${text}`);
    redactText(`password=${text}`);
    // Far above what it takes, far below what a quadratic search takes.
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
