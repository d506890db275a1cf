import {
  ariGradeLevel,
  bleu,
  chrf,
  classifierMetrics,
  exactMatch,
  fleschKincaidGradeLevel,
  jsonF1,
  rougeL,
  tokenCount,
  tokenF1,
} from "assay/metrics";
import { report } from "./report.mjs";

const SENTENCE =
  "The maximum transmission unit of Ethernet is 1500 bytes, and IPv6 demands 1280 at least";
const PARAGRAPH = `${SENTENCE}. ${"A router that cannot forward a packet says so, and drops it. ".repeat(8)}`;

/** Rows whose texts are all different, made before the clock runs. */
function samples(n, output, target) {
  return Array.from({ length: n }, (_, i) => {
    const expectations = { expected_response: target(i) };
    return {
      outputs: output(i),
      expectations,
      inputs: {},
      row: { rowKey: `${i}`, ordinal: i, inputs: {}, expectations },
      trial: 0,
    };
  });
}

async function time(what, scorers, rows, rounds = 3) {
  for (const scorer of scorers) await scorer.scorer.prepare?.({ env: {} });
  let best = 0;
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    for (const row of rows) for (const scorer of scorers) scorer(row);
    best = Math.max(best, (rows.length / (performance.now() - started)) * 1000);
  }
  report(what, rows.length, best, "rows/s, best of 3");
}

async function timeLoading() {
  const started = performance.now();
  await tokenCount().scorer.prepare({ env: {} });
  const tokens = performance.now();
  await fleschKincaidGradeLevel().scorer.prepare({ env: {} });
  report("tokenCount, loading its table", 1, tokens - started, "ms");
  report("fleschKincaidGradeLevel, loading its table", 1, performance.now() - tokens, "ms");
}

function timeFold(n) {
  const { corpus } = classifierMetrics().scorer;
  const started = performance.now();
  const fold = corpus.begin();
  for (let i = 0; i < n; i++) {
    fold.add({
      outputs: { label: i % 3 === 0 ? 1 : 0, probability: (i % 1000) / 1000 },
      expectations: { expected_response: i % 2 },
    });
  }
  fold.result();
  report("classifierMetrics, fold", n, (n / (performance.now() - started)) * 1000, "rows/s");
}

export async function benchMetrics() {
  await timeLoading();
  const short = samples(
    100_000,
    (i) => `I think that the answer is ${i}`,
    (i) => `the answer is ${i}`,
  );
  const trio = [exactMatch(), tokenF1(), rougeL()];
  await time("exactMatch, tokenF1 and rougeL, 7 words", trio, short);
  const sentences = samples(
    50_000,
    (i) => `${SENTENCE} ${i}`,
    (i) => `${SENTENCE} or ${i + 1}`,
  );
  const scorers = {
    exactMatch: exactMatch(),
    tokenF1: tokenF1(),
    "tokenF1, unicode": tokenF1({ tokenizer: "unicode" }),
    rougeL: rougeL(),
    bleu: bleu(),
    chrf: chrf(),
    tokenCount: tokenCount(),
    ariGradeLevel: ariGradeLevel(),
    fleschKincaidGradeLevel: fleschKincaidGradeLevel(),
  };
  for (const [name, scorer] of Object.entries(scorers)) {
    await time(`${name}, 16 words`, [scorer], sentences);
  }
  const paragraphs = samples(
    5_000,
    (i) => `${PARAGRAPH} ${i}`,
    () => "",
  );
  for (const name of ["tokenCount", "ariGradeLevel", "fleschKincaidGradeLevel"]) {
    await time(`${name}, 110 words`, [scorers[name]], paragraphs);
  }
  const objects = samples(
    20_000,
    (i) => ({ id: i, name: "x", tags: ["a", "b"], at: { x: 1, y: i } }),
    (i) => ({ id: i, name: "y", tags: ["a", "c"], at: { x: 1, y: 2 } }),
  );
  await time("jsonF1, 6 values", [jsonF1()], objects);
  timeFold(1_000_000);
}
