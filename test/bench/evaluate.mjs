import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { quantile, ROOT, report } from "./report.mjs";
import { bareInserts } from "./store.mjs";

const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));

function timeCommand(what, args, n = 11) {
  const times = Array.from({ length: n }, () => {
    const started = performance.now();
    execFileSync(process.execPath, args, { cwd: ROOT, stdio: "pipe" });
    return performance.now() - started;
  });
  report(what, n, quantile(times, 0.5), "ms, median of processes");
}

const ONCE = fileURLToPath(new URL("evaluate-once.mjs", import.meta.url));

/** Rows per second in a process of its own, against bare inserts of the same rows and scores right before. */
function timeEvaluation(what, kind, n) {
  const bare = bareInserts(join(folder, `bare-${kind}-${n}.db`), 50_000);
  const database = join(folder, `${kind}-${n}.db`);
  const output = execFileSync(process.execPath, [ONCE, kind, n, database], { encoding: "utf8" });
  const { perSecond, maxRssMiB } = JSON.parse(output);
  report(what, n, perSecond, "rows/s", {
    ratio: `${(perSecond / bare).toFixed(2)} x bare single-row inserts`,
    maxRssMiB,
  });
}

export async function benchEvaluate() {
  try {
    timeCommand("node, empty script", ["--eval", "0"]);
    timeCommand("assay --version", ["dist/cli/bin.js", "--version"]);
    timeCommand("import assay", ["--input-type=module", "--eval", 'import "assay"']);
    for (const n of [10_000, 100_000, 1_000_000]) {
      timeEvaluation("evaluate, static dataset, 3 metrics, stored row by row", "static", n);
    }
    timeEvaluation("evaluate, function model, 2 spans a row, 3 metrics, stored", "traced", 10_000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
