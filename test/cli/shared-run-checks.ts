import { expect } from "vitest";
import type { ResultRow } from "../../src/core/index.ts";
import { essenceOf } from "../faults/kill-and-resume.ts";
import { CONCURRENCY, ROWS, type Together } from "./shared-run.ts";

/** Four workers, one of them killed, came to what one process comes to. */
export function expectOneResult({ alone, workers, asked, repeated, gate, rows }: Together): void {
  const [killed, ...others] = workers;
  expect(killed?.signal).toBe("SIGKILL");
  expect(Math.min(...asked)).toBeGreaterThan(0);
  const whole = essenceOf(alone.stdout);
  expect(whole.counts).toEqual({ rows: ROWS, trials: ROWS, completed: ROWS, failed: 0 });
  for (const { code, stdout, stderr } of others) {
    expect([code, stderr]).toEqual([0, ""]);
    expect(essenceOf(stdout)).toEqual(whole);
  }
  // What the killed one had in flight is asked for again, and nothing else.
  expect(repeated).toBeLessThanOrEqual(CONCURRENCY);
  expect(gate.code).toBe(0);
  expect(JSON.parse(gate.stdout)).toMatchObject({ status: "finished", decision: "pass" });
  const results = JSON.parse(rows.stdout) as ResultRow[];
  expect(results.map(({ ordinal }) => ordinal)).toEqual([...Array(ROWS).keys()]);
  expect(results.map(({ scores }) => Object.values(scores)[0]?.kind)).toEqual(
    Array(ROWS).fill("scored"),
  );
}
