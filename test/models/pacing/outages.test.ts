import { describe, expect, test } from "vitest";
import { Pacing } from "../../../src/models/pacing/pacing.ts";
import { tokenBucket } from "./limited-server.ts";
import { HttpError, paced } from "./paced.ts";

const OK = { reply: "ok" };
const call = { tokens: 1, tokensOf: () => undefined };
const seconds = (count: number) => count * 1000;

type Paced = ReturnType<typeof paced>;

/** Runs `rows` calls, so many at once; tells how many failed for good, and when each answer came. */
async function run(
  { time, pacing }: Paced,
  rows: number,
  concurrency: number,
  answer: (now: number) => void,
) {
  let begun = 0;
  let failed = 0;
  const sent: number[] = [];
  const answered: number[] = [];
  const send = async () => {
    sent.push(time.clock.monotonic());
    await time.sleep(50);
    answer(time.clock.monotonic());
    answered.push(time.clock.monotonic());
    return OK;
  };
  const worker = async () => {
    while (begun < rows) {
      begun += 1;
      await pacing.run({ send, ...call }).catch(() => {
        failed += 1;
      });
    }
  };
  await time.run(Promise.all(Array.from({ length: concurrency }, worker)));
  return { failed, sent, answered };
}

describe("a provider that fails", () => {
  test("for 15 s, met by 100 calls at once: none is lost, however the delays fall out", async () => {
    for (const random of [() => 0, Math.random]) {
      const { failed } = await run(paced({ random }), 1500, 100, (now) => {
        if (now >= seconds(5) && now < seconds(20)) throw new HttpError(503);
      });
      expect(failed).toBe(0);
    }
  });

  test("refuses 20 calls in a row, and then none: within a minute of the last it is asked as before", async () => {
    let refusals = 0;
    let last = 0;
    const { failed, answered } = await run(paced(), 600, 8, (now) => {
      if (refusals === 20) return;
      refusals += 1;
      last = now;
      throw new HttpError(429);
    });
    expect([failed, refusals]).toEqual([0, 20]);
    expect((answered.at(-1) ?? 0) - last).toBeLessThan(seconds(60));
  });

  test("from the start: after 2 minutes each row is asked for once only", async () => {
    const { failed, sent } = await run(paced(), 3000, 20, () => {
      throw new TypeError("fetch failed");
    });
    expect(failed).toBe(3000);
    const retried = sent.filter((at) => at < seconds(125)).length;
    const rowsBefore = 3000 - (sent.length - retried);
    expect(retried).toBeGreaterThan(rowsBefore * 3);
    expect(sent.at(-1)).toBeLessThan(seconds(300));
  });

  test("for 3 minutes and is back: rows are answered again, and repeated again", async () => {
    let failing = 0;
    const { answered } = await run(paced(), 3000, 20, (now) => {
      failing += 1;
      if (now < seconds(180) || failing % 10 === 0) throw new HttpError(503);
    });
    expect(answered.length).toBeGreaterThan(1000);
    expect(answered[0]).toBeLessThan(seconds(190));
  });

  test("once, long ago, is not taken to be unreachable at its next failure", async () => {
    const setting = paced({ maxRetries: 1 });
    const { time, pacing } = setting;
    const failure = async () => {
      throw new HttpError(500);
    };
    await expect(time.run(pacing.run({ send: failure, ...call }))).rejects.toThrow("HTTP 500");
    await time.run(time.sleep(seconds(600)));
    let sent = 0;
    const send = async () => {
      sent += 1;
      if (sent === 1) throw new HttpError(500);
      return OK;
    };
    expect(await time.run(pacing.run({ send, ...call }))).toBe("ok");
  });

  test("calls that are aborted are no sign that it is unreachable", async () => {
    const { time, pacing } = paced();
    for (let minute = 0; minute < 5; minute++) {
      const abort = new AbortController();
      const send = async () => {
        await time.sleep(seconds(60));
        abort.abort(new Error("enough"));
        throw abort.signal.reason;
      };
      const running = pacing.run({ send, ...call, signal: abort.signal });
      await expect(time.run(running)).rejects.toThrow("enough");
    }
    let sent = 0;
    const send = async () => {
      sent += 1;
      if (sent === 1) throw new HttpError(500);
      return OK;
    };
    expect(await time.run(pacing.run({ send, ...call }))).toBe("ok");
  });
});

describe("refusals", () => {
  test.each([1_500, 10_000])(
    "of everything for the first %i ms: soon back to what the server takes",
    async (refusingMs) => {
      const setting = paced();
      const admission = tokenBucket(50, 50);
      const { failed, answered } = await run(setting, 1500, 100, (now) => {
        if (now < refusingMs) throw new HttpError(429);
        const retryAfter = admission(now);
        if (retryAfter !== undefined) {
          throw new HttpError(429, { "retry-after-ms": String(retryAfter) });
        }
      });
      expect(failed).toBe(0);
      const first = answered[0] as number;
      expect(first).toBeLessThan(refusingMs * 2 + seconds(1));
      const within = (from: number, to: number) =>
        answered.filter((at) => at >= first + from && at < first + to).length;
      expect(within(seconds(8), seconds(18)) / 10).toBeGreaterThan(45);
    },
  );

  test("for an hour end the calls that wait, and those that come, at once", async () => {
    const { time, limiter, pacing } = paced();
    const send = async () => {
      await time.sleep(10);
      throw new HttpError(429, { "retry-after": "3600" });
    };
    const calls = Array.from({ length: 50 }, () => pacing.run({ send, ...call }));
    const outcomes = await time.run(Promise.allSettled(calls));
    const unsent = outcomes.filter(
      (outcome) => outcome.status === "rejected" && outcome.reason.code === "unavailable",
    );
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    expect(unsent.length).toBeGreaterThan(40);
    await expect(time.run(limiter.acquire({ tokens: 1 }))).rejects.toThrow("another 60 minutes");
    expect(time.clock.monotonic()).toBeLessThan(seconds(1));
  });
});

describe("a call that is aborted", () => {
  test("while it waits leaves no timer behind", async () => {
    const { time, limiter } = paced();
    limiter.pause(60_000);
    const abort = new AbortController();
    const waiting = [1, 2].map(() => limiter.acquire({ tokens: 1, signal: abort.signal }));
    const settled = Promise.allSettled(waiting);
    expect(time.pending).toBe(1);
    abort.abort(new Error("enough"));
    await settled;
    expect(time.pending).toBe(0);
  });

  test("between its turn and its sending is not sent, and gives back its tokens", async () => {
    const { time, limiter } = paced();
    const budget = { tpm: 60_000 };
    const pacing = new Pacing({ limiter, budget, clock: time.clock, timer: time.timer });
    const abort = new AbortController();
    let sent = 0;
    const send = async () => {
      sent += 1;
      return OK;
    };
    const running = pacing.run({ ...call, tokens: 50_000, send, signal: abort.signal });
    // The turn is granted by now, but the call has not seen it.
    abort.abort(new Error("enough"));
    await expect(time.run(running)).rejects.toThrow("enough");
    expect(sent).toBe(0);
    await time.run(pacing.run({ ...call, tokens: 1_000, send }));
    expect(time.clock.monotonic()).toBeLessThan(seconds(1));
  });
});

describe("a budget", () => {
  test("of tokens that were estimated too high lets the next go as soon as that is known", async () => {
    const { time, pacing } = paced({ budget: { tpm: 60_000 } });
    const send = async () => {
      await time.sleep(50);
      return OK;
    };
    const calls = Array.from({ length: 20 }, () =>
      pacing.run({ send, tokens: 8_000, tokensOf: () => 200 }),
    );
    await time.run(Promise.all(calls));
    // 20 calls of 200 tokens are 4 s of the budget.
    expect(time.clock.monotonic()).toBeLessThan(seconds(6));
  });

  test("holds for those who have it, and for nobody beside or after them", async () => {
    const { time, limiter, pacing: limited } = paced({ budget: { rpm: 60 } });
    const free = new Pacing({ limiter, clock: time.clock, timer: time.timer });
    const send = async () => OK;
    const done: { limited?: number; free?: number } = {};
    const all = async (pacing: Pacing, name: "limited" | "free") => {
      await Promise.all(Array.from({ length: 30 }, () => pacing.run({ send, ...call })));
      done[name] = time.clock.monotonic();
    };
    await time.run(Promise.all([all(limited, "limited"), all(free, "free")]));
    expect(done.free).toBeLessThan(seconds(5));
    expect(done.limited).toBeGreaterThan(seconds(28));
  });

  test("is shared by the callers whose budgets are equal", async () => {
    const { time, limiter, pacing: model } = paced({ budget: { rpm: 60 } });
    const judge = new Pacing({
      limiter,
      budget: { rpm: 60 },
      clock: time.clock,
      timer: time.timer,
    });
    const send = async () => OK;
    const calls = [model, judge].flatMap((pacing) =>
      Array.from({ length: 15 }, () => pacing.run({ send, ...call })),
    );
    await time.run(Promise.all(calls));
    expect(time.clock.monotonic()).toBeGreaterThan(seconds(28));
  });
});
