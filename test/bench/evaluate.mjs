import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { evaluate } from "assay";
import { exactMatch, rougeL, tokenF1 } from "assay/metrics";
import { quantile, ROOT, report, rssMiB } from "./report.mjs";

const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));

function timeCommand(what, args, n = 11) {
  const times = Array.from({ length: n }, () => {
    const started = performance.now();
    execFileSync(process.execPath, args, { cwd: ROOT, stdio: "pipe" });
    return performance.now() - started;
  });
  report(what, n, quantile(times, 0.5), "ms, median of processes");
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

export async function benchEvaluate() {
  try {
    timeCommand("node, empty script", ["--eval", "0"]);
    timeCommand("assay --version", ["dist/cli/bin.js", "--version"]);
    timeCommand("import assay", ["--input-type=module", "--eval", 'import "assay"']);
    await timeEvaluation("evaluate, static dataset, 3 metrics", 50_000, { predictions: "answer" });
    await timeEvaluation("evaluate, function model, traced, 3 metrics", 20_000, {
      model: ({ question }) => question,
    });
    report("resident memory after the evaluations", 70_000, rssMiB(), "MiB");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
