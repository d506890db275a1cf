import { expect, test } from "vitest";
import {
  essenceOf,
  interruptAndResume,
  MOST_REPEATED,
  momentsOf,
  uninterrupted,
} from "../faults/kill-and-resume.ts";

test("killed and resumed, an evaluation gives what an uninterrupted one gives", {
  timeout: 120_000,
}, async () => {
  const whole = essenceOf(await uninterrupted());
  for (const { broken, ended, repeated } of await interruptAndResume("SIGKILL", momentsOf(2))) {
    expect([broken.signal, broken.stdout]).toEqual(["SIGKILL", ""]);
    expect(essenceOf(ended.stdout)).toEqual(whole);
    expect(repeated).toBeLessThanOrEqual(MOST_REPEATED);
  }
});
