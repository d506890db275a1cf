import { afterAll, beforeAll, expect, test } from "vitest";
import { newProject, type Project } from "../support/run-cli.ts";

let project: Project;
beforeAll(() => {
  project = newProject();
  // The binary ratings of the shared reference, five times: κ .625, sensitivity .75, specificity .875.
  const human = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0];
  const judge = [1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0];
  const rows = Array.from({ length: 60 }, (_, i) => ({
    id: `r${i}`,
    question: `q${i}`,
    gold: "yes",
    said: judge[i % 12] ? "yes" : "no",
    label: human[i % 12],
    verdict: judge[i % 12],
    doc: i % 6,
  }));
  const lines = (list: readonly object[]) => list.map((row) => JSON.stringify(row)).join("\n");
  project.write("labels.jsonl", lines(rows.map(({ gold: _gold, said: _said, ...row }) => row)));
  const more = Array.from({ length: 140 }, (_, i) => ({
    id: `u${i}`,
    question: `u${i}`,
    gold: "yes",
    said: i % 3 ? "no" : "yes",
  }));
  project.write(
    "rows.jsonl",
    lines([...rows.map(({ label: _l, verdict: _v, doc: _d, ...row }) => row), ...more]),
  );
});
afterAll(() => project.remove());

test("assay calibrate says how far recorded verdicts agree with people, in words", async () => {
  const { code, stdout, stderr } = await project.assay(
    ...["calibrate", "labels.jsonl", "--verdict", "verdict", "--cluster", "doc"],
  );
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^verdict against people, on 60 held-out rows\n/);
  expect(stdout).toMatch(/Cohen's κ +0\.625 +\[.*\] +agreement beyond chance/);
  expect(stdout).toMatch(/sensitivity +0\.750 +\[/);
  expect(stdout).toMatch(/people ↓ judge → +0 +1\n/);
  expect(stdout).toContain("note: rows belong to 6 clusters only: intervals are rough below 10");
});

test("assay calibrate pairs labels with a stored run and tells the human-equivalent mean of all its rows", async () => {
  const { stdout: evaluated } = await project.assay(
    ...["eval", "rows.jsonl", "--targets", "gold", "--predictions", "said", "--json", "--quiet"],
  );
  expect(JSON.parse(evaluated)[0].status).toBe("finished");
  const { code, stdout } = await project.assay(
    ...["calibrate", "labels.jsonl", "--run", "latest", "--scorer", "exact_match", "--json"],
  );
  expect(code).toBe(0);
  const found = JSON.parse(stdout);
  expect(found.agreement.kappa.estimate).toBeCloseTo(0.625, 9);
  expect(found.counts).toMatchObject({ labelled: 60, compared: 60 });
  expect(found.humanEquivalent.lambda).toBeGreaterThan(0.3);
  expect(found.humanEquivalent.standardError).toBeLessThan(
    found.humanEquivalent.human.standardError,
  );
});

test("assay calibrate exits with 2 and says what is missing", async () => {
  const none = await project.assay("calibrate", "labels.jsonl");
  expect([none.code, none.stderr]).toEqual([
    2,
    expect.stringMatching(/^error: Expected one of --judge .*--run .*--verdict/),
  ]);
  const column = await project.assay("calibrate", "labels.jsonl", "--verdict", "v", "--label", "x");
  expect([column.code, column.stderr]).toEqual([
    2,
    expect.stringMatching(/^error: labels\.jsonl has no label in x\. Name the column with --label/),
  ]);
});
