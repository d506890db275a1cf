import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ERROR_CODES, UNSCORED_REASONS } from "../../src/core/index.ts";
import * as root from "../../src/index.ts";
import * as judges from "../../src/judges/index.ts";
import { listJudges } from "../../src/judges/index.ts";
import * as metrics from "../../src/metrics/index.ts";
import * as stats from "../../src/stats/index.ts";
import { newProject } from "../support/run-cli.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const CLI = read("docs/cli.md");
const METRICS = read("docs/metrics.md");
const JUDGES = ["docs/judges.md", "docs/calibration.md"].map(read).join("\n");

test("every flag of assay eval is documented, and every documented flag exists", async () => {
  const project = newProject();
  const { stdout } = await project.assay("eval", "--help");
  project.remove();
  const flagsOf = (text: string) =>
    new Set([...text.matchAll(/(--[a-z][a-z-]+)/g)].map(([, flag]) => flag as string));
  const table = CLI.slice(CLI.indexOf("## `assay eval"), CLI.indexOf("Settings:"));
  const existing = flagsOf(stdout);
  existing.delete("--help");
  expect(existing.size).toBeGreaterThan(20);
  expect([...flagsOf(table)].sort()).toEqual([...existing].sort());
});

test("every environment variable that the source reads is documented", () => {
  const src = new URL("../../src/", import.meta.url);
  const names = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => [
      ...readFileSync(new URL(file, src), "utf8").matchAll(/\benv\.([A-Z][A-Z_]+)/g),
    ])
    .map(([, name]) => name as string);
  expect(new Set(names).size).toBeGreaterThan(5);
  expect([...new Set(names)].filter((name) => !CLI.includes(name))).toEqual([]);
});

test("everything that can be imported from assay is documented", () => {
  const pages = ["README.md", "docs/tracking.md", "docs/tracing.md"].map(read);
  const docs = [CLI, METRICS, JUDGES, ...pages].join("\n");
  const names = Object.keys(root);
  expect(names.length).toBeGreaterThan(60);
  const isShown = (name: string) =>
    docs.includes(name) || docs.includes(name.replace(/s$/, "(s)")) || docs.includes(`${name}(s)`);
  expect(names.filter((name) => !isShown(name))).toEqual([]);
});

test("every scorer of assay/metrics is documented", () => {
  const helpers = /^(corpus|sentence|rougeScore|levenshteinDistance|normalize|defaultScorers)/;
  const scorers = Object.entries(metrics)
    .filter(([name, value]) => typeof value === "function" && !helpers.test(name))
    .map(([name]) => name);
  expect(scorers.length).toBeGreaterThanOrEqual(11);
  expect(scorers.filter((name) => !METRICS.includes(`${name}(`))).toEqual([]);
});

test("every built-in judge, unscored reason and error code is documented", () => {
  const reasons = [...UNSCORED_REASONS, ...ERROR_CODES];
  const names = listJudges().map(({ name }) => name);
  expect(reasons.length).toBeGreaterThan(12);
  expect(names.length).toBeGreaterThan(25);
  expect(reasons.filter((name) => !METRICS.includes(`\`${name}\``))).toEqual([]);
  expect(names.filter((name) => !JUDGES.includes(`| \`${name}\` |`))).toEqual([]);
});

test("everything that can be imported from assay/judges is documented", () => {
  const own = new Set(
    listJudges().map(({ name }) => name.replace(/_([a-z])/g, (_, c) => c.toUpperCase())),
  );
  const helpers = [
    "judgeFileJsonSchema",
    "judgeFromFile",
    "loadJudgeFile",
    "listJudges",
    "builtinJudge",
  ];
  const names = Object.keys(judges).filter((name) => !own.has(name) && !helpers.includes(name));
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !JUDGES.includes(`${name}`))).toEqual([]);
});

test("every function of assay/stats is documented", () => {
  const page = read("docs/statistics.md");
  const names = Object.keys(stats);
  expect(names.length).toBeGreaterThan(60);
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
