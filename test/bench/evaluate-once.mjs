// One evaluation in a process of its own; prints rows per second and the most memory it held.
//
//   node evaluate-once.mjs <static|traced> <rows> <database>
import { writeSync } from "node:fs";
import { evaluate, withSpan } from "assay";
import { exactMatch, rougeL, tokenF1 } from "assay/metrics";

const [kind, count, database] = process.argv.slice(2);
const n = Number(count);

async function* rows() {
  for (let i = 0; i < n; i++) {
    yield {
      id: `r${i}`,
      question: `What is the answer to question number ${i}?`,
      gold: `the answer is ${i}`,
      answer: `I think that the answer is ${i}`,
    };
  }
}

const model = ({ question }) =>
  withSpan(async () => question, { name: "inner", type: "TOOL", inputs: { question } });

const started = performance.now();
await evaluate({
  data: rows,
  targets: "gold",
  extraMetrics: [exactMatch(), tokenF1(), rougeL()],
  trackingUri: `sqlite:///${database}`,
  ...(kind === "static" ? { predictions: "answer" } : { model, concurrency: 64 }),
});
const durationMs = performance.now() - started;
const maxRssMiB = Math.round(process.resourceUsage().maxRSS / 1024);
writeSync(1, JSON.stringify({ perSecond: (n / durationMs) * 1000, maxRssMiB }));
