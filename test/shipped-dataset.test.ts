import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const FOLDER = new URL("../datasets/internet-protocols/", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, FOLDER), "utf8");
const CARD = read("README.md");
const DOCUMENTS = readdirSync(new URL("corpus/", FOLDER)).sort();

interface Question {
  id: string;
  inputs: { question: string };
  expectations: { expected_response: string; relevant_ids: string[] };
  tags: { kind: string };
}

const QUESTIONS: Question[] = read("data.jsonl")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("the Internet protocols dataset", () => {
  test("has at least 30 documents of substance and 120 questions with unique ids", () => {
    expect(DOCUMENTS.length).toBeGreaterThanOrEqual(30);
    for (const name of DOCUMENTS) {
      expect(read(`corpus/${name}`).split(/\s+/).length).toBeGreaterThan(200);
    }
    expect(QUESTIONS.length).toBeGreaterThanOrEqual(120);
    expect(new Set(QUESTIONS.map(({ id }) => id)).size).toBe(QUESTIONS.length);
    expect(new Set(QUESTIONS.map(({ inputs }) => inputs.question)).size).toBe(QUESTIONS.length);
  });

  test("names documents that exist, none for the unanswerable, several for multi-document ones", () => {
    for (const { expectations, tags } of QUESTIONS) {
      const { relevant_ids } = expectations;
      for (const id of relevant_ids) expect(DOCUMENTS).toContain(`${id}.md`);
      if (tags.kind === "unanswerable") expect(relevant_ids).toEqual([]);
      else
        expect(relevant_ids.length).toBeGreaterThanOrEqual(tags.kind === "multi-document" ? 2 : 1);
    }
  });

  test.each([
    "single",
    "numeric",
    "multi-document",
    "near-duplicate",
    "paraphrase",
    "unanswerable",
  ])("has as many %s questions as its card says", (kind) => {
    const count = QUESTIONS.filter(({ tags }) => tags.kind === kind).length;
    expect(count).toBeGreaterThanOrEqual(10);
    expect(CARD).toMatch(new RegExp(`\\| \`${kind}\` \\| ${count} \\|`));
  });

  test("is the one that its card describes: the checksums agree", () => {
    expect(CARD).toContain(sha256(read("data.jsonl")));
    expect(CARD).toContain(sha256(DOCUMENTS.map((name) => read(`corpus/${name}`)).join("")));
  });
});
