import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { openSource } from "assay/datasets";
import { report } from "./report.mjs";

const ROWS = 500_000;
const OPTIONS = { targets: "answer", predictions: "prediction" };

function rowOf(i) {
  return {
    question: `What is the capital of country number ${i}?`,
    answer: `City ${i}`,
    prediction: i % 3 === 0 ? `Town ${i}` : `City ${i}`,
  };
}

/** Writes the rows in every format that can be written here; what that took is let go. */
function writeFiles(folder) {
  const file = (name, content) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const rows = Array.from({ length: ROWS }, (_, i) => rowOf(i));
  const lines = rows.map((row) => JSON.stringify(row)).join("\n");
  const cells = rows.map((row) => Object.values(row).join(","));
  return {
    jsonl: file("rows.jsonl", lines),
    gzip: file("rows.jsonl.gz", gzipSync(lines)),
    json: file("rows.json", JSON.stringify(rows)),
    csv: file("rows.csv", ["question,answer,prediction", ...cells].join("\n")),
  };
}

/** Reads, normalises and names every row. Of the CPU's time, because other work may go on. */
async function timeSource(what, data, { onEnd, ...options } = {}) {
  const source = await openSource(data, { ...OPTIONS, ...options });
  const before = process.cpuUsage();
  for await (const _ of source.rows(onEnd));
  const { user, system } = process.cpuUsage(before);
  report(what, ROWS, (ROWS * 1e6) / (user + system), "rows per second of CPU");
}

export async function benchDatasets() {
  const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));
  const { jsonl, gzip, json, csv } = writeFiles(folder);
  // Warms up.
  for await (const _ of (await openSource(jsonl, OPTIONS)).rows());
  await timeSource("JSON Lines", jsonl);
  await timeSource("JSON Lines, with digest", jsonl, { onEnd: () => undefined });
  await timeSource("JSON Lines, sample of 10 %", jsonl, { sample: 0.1 });
  await timeSource("JSON Lines, gzip", gzip);
  await timeSource("JSON array", json);
  await timeSource("CSV", csv);
  const rows = Array.from({ length: ROWS }, (_, i) => rowOf(i));
  await timeSource("array in memory", rows);
  rmSync(folder, { recursive: true, force: true });
}
