import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { JsonlWriter, readJsonlFile } from "../../src/store/transfer/jsonl-file.ts";
import { tempFolder } from "./temp-folder.ts";

async function readAll(path: string): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const { value } of readJsonlFile(path)) values.push(value);
  return values;
}

test("what is written is read, whatever line separators it holds and wherever a chunk ends", async () => {
  const path = join(tempFolder(), "a.jsonl");
  const values = [
    "x\u2028y\u2029z\u0085\r\n\v\f",
    { empty: "", "\u2028": null },
    // Longer than a chunk of 64 KiB, with characters of 2, 3 and 4 bytes at every offset.
    ...[0, 1, 2, 3].map((offset) => "a".repeat(offset) + "ü€😀".repeat(20_000)),
    ...Array.from({ length: 3_000 }, (_, at) => "é".repeat(at % 97)),
  ];
  const writer = await JsonlWriter.create(path);
  for (const value of values) await writer.write(value);
  expect((await writer.close()).count).toBe(values.length);
  expect(await readAll(path)).toEqual(values);
});

test("a line that is no JSON or no UTF-8 is named", async () => {
  const path = join(tempFolder(), "a.jsonl");
  for (const bad of [Buffer.from("{"), Buffer.from(""), Buffer.from([0x22, 0xff, 0x22])]) {
    writeFileSync(path, Buffer.concat([Buffer.from("1\n2\n"), bad, Buffer.from("\n4\n")]));
    await expect(readAll(path)).rejects.toMatchObject({
      code: "invalid-argument",
      message: `The export is damaged: ${path} line 3 is not JSON`,
    });
  }
});
