import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Output } from "../../src/cli/support/io.ts";
import { tellOfPauses } from "../../src/cli/support/tell-of-pauses.ts";
import { RateLimiters } from "../../src/models/pacing/limiters.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout"] });
});
afterEach(() => vi.useRealTimers());

function output(): { readonly out: Output; readonly text: () => string } {
  let text = "";
  const write = (more: string) => {
    text += more;
  };
  const out = { isTerminal: false, columns: 100, write } as unknown as Output;
  return { out, text: () => text };
}

test("a pause that a provider asked for is told once, and again where it grows", () => {
  const { out, text } = output();
  let now = 0;
  let end = 60_000;
  const paused = () => [{ model: "openai:/m", leftMs: end - now }];
  const stop = tellOfPauses(out, paused, () => now);
  const pass = (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      now += 1_000;
      vi.advanceTimersByTime(1_000);
    }
  };
  pass(10);
  expect(text()).toBe("  openai:/m takes no request for another 59.0 s: it asked for the pause\n");
  end = 300_000;
  pass(10);
  expect(text().split("\n")[1]).toBe(
    "  openai:/m takes no request for another 4 min 49 s: it asked for the pause",
  );
  stop();
  end = 900_000;
  pass(10);
  expect(text().split("\n")).toHaveLength(3);
});

test("a pause that is short, or that nobody waits for, is not told", async () => {
  const limiters = new RateLimiters();
  const limiter = limiters.of({ provider: "openai", model: "m", key: "secret" });
  limiter.pause(60_000);
  expect(limiters.paused()).toEqual([]);
  const given = new AbortController();
  const waiting = limiter.acquire({ tokens: 1, signal: given.signal });
  expect(limiters.paused()).toMatchObject([{ model: "openai:/m" }]);
  expect(limiters.paused()[0]?.leftMs).toBeGreaterThan(59_000);
  given.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  expect(limiters.paused()).toEqual([]);
  const { out, text } = output();
  const stop = tellOfPauses(out, () => [{ model: "openai:/m", leftMs: 3_000 }]);
  vi.advanceTimersByTime(5_000);
  stop();
  expect(text()).toBe("");
});
