import { describe, expect, test } from "vitest";
import { newDatabase, noPostgres } from "../support/postgres.ts";
import {
  essenceOf,
  interruptAndResume,
  MOST_REPEATED,
  momentsOf,
  uninterrupted,
} from "./kill-and-resume.ts";

const MOMENTS = 20;

describe("SQLite", () => {
  test(`kill -9 at ${MOMENTS} moments and resume: totals, metrics and verdict of an uninterrupted run`, async () => {
    const whole = essenceOf(await uninterrupted());
    const outcomes = await interruptAndResume("SIGKILL", momentsOf(MOMENTS));
    for (const { ended, repeated } of outcomes) {
      expect(essenceOf(ended.stdout)).toEqual(whole);
      expect(repeated).toBeLessThanOrEqual(MOST_REPEATED);
    }
  });

  test(`SIGINT at ${MOMENTS} moments and resume: the same, and nothing is asked again`, async () => {
    const whole = essenceOf(await uninterrupted());
    const outcomes = await interruptAndResume("SIGINT", momentsOf(MOMENTS, 11));
    for (const { broken, ended, repeated } of outcomes) {
      expect(broken.code).toBe(130);
      const isDone = ended === broken;
      expect(broken.stderr).toContain(isDone ? "nothing to resume" : "--resume");
      expect(essenceOf(ended.stdout)).toEqual(whole);
      expect(repeated).toBe(0);
    }
  });
});

describe.skipIf(noPostgres)(`PostgreSQL${noPostgres ? ` (skipped: ${noPostgres})` : ""}`, () => {
  test("kill -9 at 5 moments and resume: totals, metrics and verdict of an uninterrupted run", async () => {
    const whole = essenceOf(await uninterrupted());
    for (const { ended, repeated } of await interruptAndResume(
      "SIGKILL",
      momentsOf(5, 13),
      newDatabase,
    )) {
      expect(essenceOf(ended.stdout)).toEqual(whole);
      expect(repeated).toBeLessThanOrEqual(MOST_REPEATED);
    }
  });
});
