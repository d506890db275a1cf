import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const { version } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);

/** Prints one measurement as a JSON line. `more` holds what else was seen, e.g. p95 or the ratio to another. */
export function report(what, n, value, unit, more = {}) {
  const versions = { assay: version, node: process.versions.node };
  const rounded = Number(value.toPrecision(3));
  console.log(JSON.stringify({ what, n, value: rounded, unit, ...more, versions }));
}

export function quantile(values, q) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
}

/** Milliseconds of each of `repeats` calls of `work`, after two that warm up. */
export async function timesOf(work, repeats = 20) {
  for (let i = 0; i < 2; i++) await work();
  const times = [];
  for (let i = 0; i < repeats; i++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return times;
}

export const rssMiB = () => Math.round(process.memoryUsage.rss() / 2 ** 20);
