import { expect, test } from "vitest";
import { InterruptedEvaluation } from "../faults/kill-and-resume.ts";

/** Scores are 1 to 5, each for a fifth of the sixty rows: far from 4.5, but not from the first row on. */
const ADAPTIVE = ["--budget", "adaptive", "--seed", "3", "--gate", "relevance/v1/mean <= 4.2"];

async function gatesOf(...interrupted: number[]) {
  const evaluation = await InterruptedEvaluation.start();
  try {
    for (const atRequest of interrupted) {
      const broken = await evaluation.run({ signal: "SIGKILL", atRequest }, ...ADAPTIVE);
      expect([broken.signal, broken.stdout]).toEqual(["SIGKILL", ""]);
    }
    const resume = interrupted.length > 0 ? ["--resume"] : [];
    const { stdout } = await evaluation.run(undefined, ...ADAPTIVE, ...resume);
    const [{ status, verdict, decision, gates, adaptive }] = JSON.parse(stdout);
    return { status, verdict, decision, gates, judged: adaptive.judged };
  } finally {
    await evaluation.end();
  }
}

test("killed and resumed, an adaptive run gives the verdict of an uninterrupted one", {
  timeout: 60_000,
}, async () => {
  const { judged, ...whole } = await gatesOf();
  expect(whole).toMatchObject({ status: "finished", verdict: "pass" });
  expect(judged).toBeLessThan(60);
  const { judged: _judged, ...resumed } = await gatesOf(9);
  expect(resumed).toEqual(whole);
});
