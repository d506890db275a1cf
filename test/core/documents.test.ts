import { expect, test } from "vitest";
import { documentId, toDocuments } from "../../src/core/index.ts";
import { retrievedIds } from "../../src/metrics/retrieval-ids.ts";

test.each([
  [
    "metadata.doc_id",
    { id: "i", metadata: { doc_id: 1, id: "m", doc_uri: "u", source: "s" } },
    "1",
  ],
  ["id", { id: "i", metadata: { id: "m", doc_uri: "u", source: "s" } }, "i"],
  ["metadata.id", { metadata: { id: "m", doc_uri: "u", source: "s" } }, "m"],
  ["metadata.doc_uri", { id: {}, metadata: { doc_uri: "u", source: "s" } }, "u"],
  ["metadata.source", { metadata: { doc_uri: null, source: "s" } }, "s"],
])("a document's id is its %s, for metrics and for judges", (_place, document, id) => {
  expect(documentId(document)).toBe(id);
  const withContent = { content: "…", ...document };
  expect(retrievedIds({ outputs: [withContent], context: null as never })).toEqual([id]);
  expect(toDocuments([withContent])[0]?.id).toBe(id);
});

test("what has no id has none", () => {
  for (const value of ["text", 1, null, undefined, [], {}, { id: {} }, { metadata: "x" }]) {
    expect(documentId(value)).toBeUndefined();
  }
});
