import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { evaluate } from "assay";
import { makeJudge } from "assay/judges";
import { contains } from "assay/metrics";
import { report } from "./report.mjs";

const ROWS = 1_500;
const SERVER = fileURLToPath(new URL("limited-provider.mjs", import.meta.url));

const BUCKET = { kind: "bucket", perSecond: 50 };
const WINDOW = { kind: "window", perSecond: 50 };
const SECONDS = { kind: "seconds", perSecond: 50 };
const TOKENS = { kind: "tokens", perSecond: 1_000 };
const SLOWER = { kind: "bucket", perSecond: 30 };

const CASES = [
  ...[10, 20, 100, 500].map((concurrency) => ({ limit: BUCKET, concurrency })),
  ...[20, 500].map((concurrency) => ({ limit: WINDOW, concurrency })),
  { limit: SECONDS, concurrency: 100 },
  { limit: TOKENS, concurrency: 100 },
  { limit: TOKENS, concurrency: 100, options: { tpm: 60_000 } },
  { limit: BUCKET, judge: SLOWER, concurrency: 100 },
  { limit: BUCKET, concurrency: 100, failing: 0.05 },
  { limit: BUCKET, concurrency: 100, stalling: 0.02, options: { callTimeoutMs: 3_000 } },
  { limit: BUCKET, concurrency: 100, stalling: 0.02 },
];

async function startServer(limit) {
  const server = spawn(process.execPath, [SERVER, JSON.stringify(limit)]);
  const port = await new Promise((resolve) => server.stdout.once("data", resolve));
  const url = `http://127.0.0.1:${Number(port)}`;
  const counts = async () => (await fetch(`${url}/counts`)).json();
  return {
    limit,
    counts,
    uri: `openai-compatible:/m?base_url=${url}/v1`,
    stop: () => server.kill(),
  };
}

/** Of different lengths, so that tokens are not just requests by another name. */
const rows = Array.from({ length: ROWS }, (_, at) => ({
  id: at,
  question: `question ${at}${" and so on".repeat(at % 12)}`,
}));

function describe({ limit, judge, concurrency, failing, stalling, options = {} }) {
  const allowance = ({ kind, perSecond }) =>
    kind === "tokens" ? `${perSecond} tokens/s` : `${perSecond} requests/s by ${kind}`;
  return [
    allowance(limit),
    judge && `and ${allowance(judge)} for its judge`,
    `concurrency ${concurrency}`,
    failing && `${failing * 100} % HTTP 500`,
    stalling && `${stalling * 100} % stalls of 30 s`,
    ...Object.entries(options).map(([name, value]) => `${name} ${value}`),
  ]
    .filter(Boolean)
    .join(", ");
}

/** 1500 rows against servers that take so much per second; the ideal is what the slowest took, at its rate. */
async function benchCase(one) {
  const { limit, judge, concurrency, failing, stalling, options } = one;
  const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));
  const servers = [await startServer({ ...limit, failing, stalling })];
  if (judge !== undefined) servers.push(await startServer(judge));
  try {
    const [model, judgeServer] = servers;
    const relevance =
      judgeServer &&
      makeJudge({
        name: "relevance",
        instructions: "Is {{ outputs }} relevant to {{ inputs }}? Grade from 1 to 5.",
        scale: [1, 5],
        model: judgeServer.uri,
      });
    const started = performance.now();
    const { counts } = await evaluate({
      data: rows,
      model: model.uri,
      extraMetrics: [relevance ?? contains("fits")],
      concurrency,
      env: {},
      trackingUri: `sqlite:///${join(folder, "assay.db")}`,
      ...options,
    });
    const seconds = (performance.now() - started) / 1000;
    const seen = await Promise.all(servers.map((server) => server.counts()));
    const ideal = Math.max(...seen.map(({ size }, at) => size / servers[at].limit.perSecond));
    report(describe(one), ROWS, seconds, "s", {
      ratio: `${(seconds / ideal).toFixed(3)} x ideal`,
      refused: `${seen.map(({ refused }) => ((refused / ROWS) * 100).toFixed(1)).join(", ")} %`,
      failedRows: counts.failed,
    });
  } finally {
    for (const server of servers) server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function benchRateLimits() {
  for (const one of CASES) await benchCase(one);
}
