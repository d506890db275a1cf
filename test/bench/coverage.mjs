// How often intervals hold the truth and early stopping is right. Seeded, so that the numbers are the same every
// time. Recorded judge scores are read from $ASSAY_SHARED/data (or ../shared/data), and left out without it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  momentsOf,
  plusTwoTInterval,
  SequentialMeanTest,
  seededRandom,
  shuffled,
  wilsonInterval,
} from "../../dist/stats/index.js";
import { ROOT, report } from "./report.mjs";

const DATA = join(process.env.ASSAY_SHARED ?? join(ROOT, "..", "shared"), "data");
const SIZES = [20, 50, 100, 200];
const REPEATS = 20_000;
const failures = [];

/** Reports a measurement with what it has to be, and remembers if it is not. */
function measure(what, n, value, { atLeast, atMost, ...more }) {
  const isMet = (atLeast ?? -Infinity) <= value && value <= (atMost ?? Infinity);
  const limit = {
    ...(atLeast !== undefined && { atLeast }),
    ...(atMost !== undefined && { atMost }),
  };
  if (!isMet) failures.push(`${what} (n = ${n}): ${value}`);
  report(what, n, value, "share", { ...more, ...limit, isMet });
}

function lines(path) {
  return gunzipSync(readFileSync(join(DATA, path)))
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Populations of recorded judge scores: name, scale, values. */
function recordedPools() {
  if (!existsSync(DATA)) {
    console.error(`recorded pools are left out: no folder ${DATA}`);
    return [];
  }
  const preferences = (file) =>
    lines(`alpaca-eval/${file}`)
      .map(({ preference }) => preference)
      .filter((value) => typeof value === "number" && value >= 1 && value <= 2);
  const review = (file, place) =>
    lines(`vicuna-blog/review__vicuna-13b_20230322-clean-lang__${file}.jsonl.gz`)
      .map(({ text }) => Number(text.split("\n")[0].split(/[ ,]+/)[place]))
      .filter((value) => value >= 1 && value <= 10);
  const nq = readFileSync(join(DATA, "openqa-nq301/NQ301_gpt-4.tsv"), "utf8")
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t").at(-1))
    .filter((text) => /^"?(yes|no)/i.test(text ?? ""))
    .map((text) => Number(/^"?yes/i.test(text)));
  return [
    [
      "AlpacaEval GPT-4-turbo on alpaca-7b",
      [1, 2],
      preferences("weighted_gpt4turbo_alpaca-7b.jsonl.gz"),
    ],
    [
      "AlpacaEval GPT-4-turbo on vicuna-13b",
      [1, 2],
      preferences("weighted_gpt4turbo_vicuna-13b.jsonl.gz"),
    ],
    ["AlpacaEval GPT-4 on mistral-medium", [1, 2], preferences("ae1_gpt4_mistral-medium.jsonl.gz")],
    ["Vicuna GPT-4 reviews of gpt-3.5", [1, 10], review("review_gpt35_vicuna-13b", 0)],
    ["Vicuna GPT-4 reviews of vicuna-13b", [1, 10], review("review_gpt35_vicuna-13b", 1)],
    ["Vicuna GPT-4 reviews of bard", [1, 10], review("review_bard_vicuna-13b", 0)],
    ["NQ301 GPT-4 verdicts", [0, 1], nq],
  ];
}

const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Whether 99 % of the values are one of two. */
function isTwoPoint(pool) {
  const counts = new Map();
  for (const value of pool) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [first = 0, second = 0] = [...counts.values()].sort((a, b) => b - a);
  return (first + second) / pool.length >= 0.99;
}

/** Resamples a population: how often the interval holds its mean, and how often the lower bound is above it. */
function coverageOnPools(pools) {
  for (const [name, scale, pool] of pools) {
    const random = seededRandom(1);
    const truth = meanOf(pool);
    // Verdicts of one kind or the other are a two-point population, whose skew at a given n is known: see below.
    const atMost = isTwoPoint(pool) ? 0.055 : 0.04;
    for (const n of SIZES) {
      let [covered, above] = [0, 0];
      for (let repeat = 0; repeat < REPEATS; repeat += 1) {
        const sample = Array.from({ length: n }, () => pool[Math.floor(random() * pool.length)]);
        const { lower, upper } = plusTwoTInterval(momentsOf(sample), scale);
        if (lower <= truth && truth <= upper) covered += 1;
        if (lower > truth) above += 1;
      }
      measure(`plus-two coverage: ${name}`, n, covered / REPEATS, { atLeast: 0.94 });
      measure(`false confident pass: ${name}`, n, above / REPEATS, { atMost });
    }
  }
}

/** ln C(n, k). */
function logChoose(n, k) {
  let sum = 0;
  for (let i = 1; i <= k; i += 1) sum += Math.log((n - k + i) / i);
  return sum;
}

/** Probabilities of 0 … n passes. */
function binomial(n, p) {
  return Array.from({ length: n + 1 }, (_, k) =>
    Math.exp(logChoose(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p)),
  );
}

/** Yes/no populations need no resampling: the number of passes is binomial. */
function coverageOnTwoPoints() {
  const rates = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999];
  for (const n of SIZES) {
    let [worst, worstPass, worstWilson, simulatedOff] = [1, 0, 1, 0];
    for (const p of rates) {
      const random = seededRandom(Math.round(1e4 * p) + n);
      const chances = binomial(n, p);
      const holds = (of) => (k) => {
        const { lower, upper } = of(k);
        return lower <= p && p <= upper;
      };
      const plusTwo = (k) => plusTwoTInterval({ n, mean: k / n, m2: (k * (n - k)) / n }, [0, 1]);
      const shareOf = (is) => chances.reduce((sum, chance, k) => sum + (is(k) ? chance : 0), 0);
      const wilson = holds((k) => wilsonInterval(k, n));
      worst = Math.min(worst, shareOf(holds(plusTwo)));
      worstPass = Math.max(
        worstPass,
        shareOf((k) => plusTwo(k).lower > p),
      );
      const exact = shareOf(wilson);
      worstWilson = Math.min(worstWilson, exact);
      let covered = 0;
      for (let repeat = 0; repeat < REPEATS; repeat += 1) {
        let passes = 0;
        for (let i = 0; i < n; i += 1) if (random() < p) passes += 1;
        if (wilson(passes)) covered += 1;
      }
      simulatedOff = Math.max(simulatedOff, Math.abs(covered / REPEATS - exact));
    }
    measure("plus-two coverage: two points, worst p", n, worst, { atLeast: 0.93 });
    measure("false confident pass: two points, worst p", n, worstPass, { atMost: 0.055 });
    report("Wilson coverage: two points, worst p, exact binomial", n, worstWilson, "share");
    // Five standard errors of the simulation, at its widest.
    const noise = 5 * Math.sqrt(0.25 / REPEATS);
    measure("Wilson coverage: simulated against exact, largest difference", n, simulatedOff, {
      atMost: noise,
    });
  }
  let outside = 0;
  for (let n = 1; n <= 400; n += 1) {
    for (let k = 0; k <= n; k += 1) {
      const { lower, upper } = wilsonInterval(k, n);
      if (!(lower >= 0 && upper <= 1)) outside += 1;
    }
  }
  measure("Wilson bounds outside [0, 1]", 400, outside, { atMost: 0 });
}

/** Expected shares of rows judged, by rows and distance of the mean from the threshold in shares of the scale. */
const EXPECTED = {
  100: { 0.2: 0.2, 0.1: 0.38, 0.05: 0.65, 0.02: 0.86 },
  300: { 0.2: 0.08, 0.1: 0.18, 0.05: 0.42, 0.02: 0.75 },
  1000: { 0.2: 0.02, 0.1: 0.07, 0.05: 0.19, 0.02: 0.58 },
};

function adaptiveGates(pools) {
  const repeats = 400;
  for (const [n, gaps] of Object.entries(EXPECTED)) {
    for (const [gap, expected] of Object.entries(gaps)) {
      const [shares, errors] = [[], []];
      for (const [, scale, pool] of pools) {
        const width = scale[1] - scale[0];
        for (const side of [-1, 1]) {
          const random = seededRandom(Number(n) + Math.round(1e4 * gap) + side);
          let [judged, wrong, tried] = [0, 0, 0];
          for (let repeat = 0; repeat < repeats; repeat += 1) {
            const rows = Array.from(
              { length: Number(n) },
              () => pool[Math.floor(random() * pool.length)],
            );
            const truth = meanOf(rows);
            const threshold = truth + side * Number(gap) * width;
            if (threshold <= scale[0] || threshold >= scale[1]) continue;
            const test = new SequentialMeanTest({ n: Number(n), threshold, scale });
            for (const row of shuffled(rows, random)) if (test.add(row) !== undefined) break;
            tried += 1;
            judged += test.count / Number(n);
            if (test.verdict?.verdict !== (side < 0 ? "pass" : "fail")) wrong += 1;
          }
          if (tried === 0) continue;
          shares.push(judged / tried);
          errors.push(wrong / tried);
        }
      }
      const more = { gap: Number(gap) };
      measure("adaptive: wrong verdicts, worst pool", Number(n), Math.max(...errors), {
        atMost: 0.05,
        ...more,
      });
      measure("adaptive: share of rows judged", Number(n), meanOf(shares), {
        atMost: expected + 0.05,
        ...more,
      });
    }
  }
}

/** Measures all; throws when a limit is not kept. */
export function benchCoverage() {
  const pools = recordedPools();
  coverageOnPools(pools);
  coverageOnTwoPoints();
  // Without recordings: scores that pile up at the top, as judges give them.
  const synthetic = [
    "synthetic",
    [0, 1],
    [...Array(70).fill(1), ...Array(20).fill(0.75), ...Array(10).fill(0.25)],
  ];
  adaptiveGates(pools.length > 0 ? pools : [synthetic]);
  if (failures.length > 0) throw new Error(`limits not kept:\n${failures.join("\n")}`);
}
