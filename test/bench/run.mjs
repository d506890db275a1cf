// Prints one JSON line per measurement: what, n, value, unit, versions. Uses the built package.
//
//   npm run bench               everything
//   npm run bench -- store      one of: coverage, datasets, evaluate, metrics, rate-limits, store, tracing
const GROUPS = {
  coverage: async () => (await import("./coverage.mjs")).benchCoverage(),
  datasets: async () => (await import("./datasets.mjs")).benchDatasets(),
  evaluate: async () => (await import("./evaluate.mjs")).benchEvaluate(),
  metrics: async () => (await import("./metrics.mjs")).benchMetrics(),
  "rate-limits": async () => (await import("./rate-limits.mjs")).benchRateLimits(),
  tracing: async () => (await import("./tracing.mjs")).benchTracing(),
  store: async () => (await import("./store.mjs")).benchStore(),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(GROUPS, name));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(", ")}. Benchmarks: ${Object.keys(GROUPS).join(", ")}`);
  process.exit(2);
}
for (const [name, run] of Object.entries(GROUPS)) {
  if (wanted.length === 0 || wanted.includes(name)) await run();
}
