import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { evaluate } from "assay";
import { contains } from "assay/metrics";
import { report } from "./report.mjs";

const ROWS = 1_500;
const PER_SECOND = 50;
const SERVER = fileURLToPath(new URL("limited-provider.mjs", import.meta.url));

const CASES = [
  ...[10, 20, 100, 500].map((concurrency) => ({ kind: "bucket", concurrency })),
  ...[20, 500].map((concurrency) => ({ kind: "window", concurrency })),
  { kind: "bucket", concurrency: 100, failing: 0.05 },
  { kind: "bucket", concurrency: 100, stalling: 0.02 },
];

/** 1500 rows against a server that takes 50 requests per second; the ideal is what it took, at that rate. */
export async function benchRateLimits() {
  for (const { kind, concurrency, failing = 0, stalling = 0 } of CASES) {
    const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));
    const server = spawn(process.execPath, [SERVER, kind, failing, stalling]);
    try {
      const port = await new Promise((resolve) => server.stdout.once("data", resolve));
      const base = `http://127.0.0.1:${Number(port)}`;
      const { durationMs, counts } = await evaluate({
        data: Array.from({ length: ROWS }, (_, at) => ({ id: at, question: `question ${at}` })),
        model: `openai-compatible:/m?base_url=${base}/v1`,
        extraMetrics: [contains("ok")],
        concurrency,
        env: {},
        trackingUri: `sqlite:///${join(folder, "assay.db")}`,
      });
      const { taken, refused } = await (await fetch(`${base}/counts`)).json();
      const idealMs = (taken / PER_SECOND) * 1000;
      const faults = [
        failing > 0 && `${failing * 100} % HTTP 500`,
        stalling > 0 && `${stalling * 100} % stalls of 30 s`,
      ].filter(Boolean);
      const what = ["50 requests/s by", kind, `concurrency ${concurrency}`, ...faults].join(", ");
      report(what, ROWS, durationMs / 1000, "s", {
        ratio: `${(durationMs / idealMs).toFixed(3)} x ideal`,
        refused: `${((refused / ROWS) * 100).toFixed(1)} %`,
        failedRows: counts.failed,
      });
    } finally {
      server.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
