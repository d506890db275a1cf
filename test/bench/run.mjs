// Prints one JSON line per measurement: what, n, value, unit, versions. Uses the built package.
//
//   npm run bench
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { evaluate } from "assay";
import { bleu, exactMatch, rougeL, tokenF1 } from "assay/metrics";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));

function report(what, n, value, unit) {
  const versions = { assay: version, node: process.versions.node };
  console.log(JSON.stringify({ what, n, value: Number(value.toPrecision(3)), unit, versions }));
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

function timeCommand(what, args, n = 11) {
  const times = Array.from({ length: n }, () => {
    const started = performance.now();
    execFileSync(process.execPath, args, { cwd: ROOT, stdio: "pipe" });
    return performance.now() - started;
  });
  report(what, n, median(times), "ms, median of processes");
}

function* rows(n) {
  for (let i = 0; i < n; i++) {
    yield {
      id: `r${i}`,
      question: `What is the answer to question number ${i}?`,
      gold: `the answer is ${i}`,
      answer: `I think that the answer is ${i}`,
    };
  }
}

async function timeEvaluation(what, n, options) {
  const name = what.replace(/\W+/g, "-");
  const { durationMs } = await evaluate({
    data: () => rows(n),
    targets: "gold",
    extraMetrics: [exactMatch(), tokenF1(), rougeL()],
    concurrency: 64,
    trackingUri: `sqlite:///${join(folder, `${name}.db`)}`,
    ...options,
  });
  report(what, n, (n / durationMs) * 1000, "rows/s");
}

function timeScorer(what, scorer, n) {
  const text =
    "The maximum transmission unit of Ethernet is 1500 bytes, and IPv6 demands 1280 at least";
  const started = performance.now();
  for (let i = 0; i < n; i++) {
    scorer({ outputs: `${text} ${i}`, expectations: { expected_response: `${text} or ${i + 1}` } });
  }
  report(what, n, (n / (performance.now() - started)) * 1000, "rows/s");
}

try {
  timeCommand("node, empty script", ["--eval", "0"]);
  timeCommand("assay --version", ["dist/cli/bin.js", "--version"]);
  timeCommand("import assay", ["--input-type=module", "--eval", 'import "assay"']);
  await timeEvaluation("evaluate, static dataset, 3 metrics", 50_000, { predictions: "answer" });
  await timeEvaluation("evaluate, function model, traced, 3 metrics", 20_000, {
    model: ({ question }) => question,
  });
  report(
    "resident memory after the evaluations",
    70_000,
    process.memoryUsage.rss() / 2 ** 20,
    "MiB",
  );
  for (const [name, scorer] of Object.entries({
    rougeL: rougeL(),
    bleu: bleu(),
    tokenF1: tokenF1(),
  })) {
    timeScorer(`${name}, 16 words`, scorer, 50_000);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
