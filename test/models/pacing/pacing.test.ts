import { describe, expect, test } from "vitest";
import { registerDeadline } from "../../../src/core/index.ts";
import { type Admission, fixedWindow, slidingWindow, tokenBucket } from "./limited-server.ts";
import { HttpError, paced } from "./paced.ts";

interface Load {
  readonly admission: Admission;
  readonly concurrency: number;
  readonly rows?: number;
  readonly latencyMs?: number;
  /** Share of the requests that are taken and then fail with HTTP 500. */
  readonly failing?: number;
  /** Share of the requests that are taken and not answered for 30 s. */
  readonly stalling?: number;
}

/** Sends `rows` requests to a server with a limit, so many at once. */
async function load({ admission, concurrency, rows = 1500, latencyMs = 50, ...faults }: Load) {
  const { failing = 0, stalling = 0 } = faults;
  const isEvery = (share: number, count: number) =>
    share > 0 && count % Math.round(1 / share) === 0;
  const { time, pacing } = paced();
  let begun = 0;
  let sent = 0;
  let refused = 0;
  const send = async (signal: AbortSignal) => {
    sent += 1;
    const isFailing = isEvery(failing, sent);
    const isStalling = isEvery(stalling, sent);
    await time.sleep(latencyMs / 2);
    const retryAfter = admission(time.clock.monotonic());
    await time.sleep(latencyMs / 2);
    if (retryAfter !== undefined) {
      refused += 1;
      throw new HttpError(429, { "retry-after": String(retryAfter / 1000) });
    }
    if (isFailing) throw new HttpError(500);
    if (isStalling) {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => reject(signal.reason));
      await Promise.race([promise, time.sleep(30_000)]);
    }
    return { reply: "ok" };
  };
  const worker = async () => {
    while (begun < rows) {
      begun += 1;
      await pacing.run({ send, tokens: 1, tokensOf: () => undefined });
    }
  };
  await time.run(Promise.all(Array.from({ length: concurrency }, worker)));
  const taken = sent - refused;
  return { seconds: time.clock.monotonic() / 1000, refused, idealSeconds: taken / 50 };
}

describe("1500 requests to a server that takes 50 per second and answers 429 beyond", () => {
  const servers: [string, () => Admission][] = [
    ["a token bucket", () => tokenBucket(50, 50)],
    ["a sliding window", () => slidingWindow(50)],
    ["a window of the clock", () => fixedWindow(50)],
  ];
  for (const [name, admission] of servers) {
    for (const concurrency of [10, 20, 100, 500]) {
      test(`${name}, ${concurrency} at once: within 1.15 x the ideal time, under 3 % refused`, async () => {
        const { seconds, refused, idealSeconds } = await load({
          admission: admission(),
          concurrency,
        });
        expect(seconds).toBeLessThan(idealSeconds * 1.15);
        expect(refused).toBeLessThan(45);
      });
    }
  }

  test("5 % of them failing with HTTP 500: the same, and none is lost", async () => {
    const { seconds, refused, idealSeconds } = await load({
      admission: tokenBucket(50, 50),
      concurrency: 100,
      failing: 0.05,
    });
    expect(seconds).toBeLessThan(idealSeconds * 1.15);
    expect(refused).toBeLessThan(45);
  });
});

test.each([20, 100, 500])(
  "2 %% of them stalling for 30 s, %i at once: asked again, and none is lost",
  async (concurrency) => {
    const { seconds, refused, idealSeconds } = await load({
      admission: tokenBucket(50, 50),
      concurrency,
      stalling: 0.02,
    });
    // The last one to stall costs the 10 s until it is given up.
    expect(seconds).toBeLessThan(idealSeconds * 1.15 + 10);
    expect(refused).toBeLessThan(45);
  },
);

describe("a call that takes longer than those before it", () => {
  /** Ten quick calls, and then ten slow ones at once; tells how many requests the slow ones took. */
  async function slowAfterQuick(slowMs: number, maxTokens?: number): Promise<number> {
    const { time, pacing } = paced();
    let sent = 0;
    const ask = (ms: number) =>
      pacing.run({
        send: async (signal) => {
          sent += 1;
          const { promise, reject } = Promise.withResolvers<never>();
          signal.addEventListener("abort", () => reject(signal.reason));
          await Promise.race([promise, time.sleep(ms)]);
          return { reply: "ok" };
        },
        tokens: 1,
        maxTokens,
        tokensOf: () => undefined,
      });
    for (const ms of [50, slowMs]) {
      sent = 0;
      await time.run(Promise.all(Array.from({ length: 10 }, () => ask(ms))));
    }
    return sent;
  }

  test("is waited for 10 s at least", async () => {
    expect(await slowAfterQuick(5_000)).toBe(10);
    expect(await slowAfterQuick(9_000)).toBe(10);
  });

  test("is waited for as long as the answer that it may give takes to write", async () => {
    expect(await slowAfterQuick(60_000, 2_000)).toBe(10);
  });

  test("is waited for once a few others were given up", async () => {
    expect(await slowAfterQuick(30_000)).toBeLessThanOrEqual(12);
  });
});

test("two providers of different limits do not hold each other up", async () => {
  const [slow, fast] = await Promise.all([
    load({ admission: tokenBucket(50, 50), concurrency: 50 }),
    load({ admission: tokenBucket(200, 200), concurrency: 50, rows: 6_000 }),
  ]);
  expect(slow.seconds).toBeLessThan(slow.idealSeconds * 1.15);
  expect(fast.seconds).toBeLessThan((fast.idealSeconds / 4) * 1.15);
});

describe("a call", () => {
  const call = (send: () => Promise<{ reply: string }>, signal?: AbortSignal) => ({
    send,
    tokens: 10,
    tokensOf: () => undefined,
    signal,
  });
  const failingTwice = (error: () => Error) => {
    let sent = 0;
    return {
      sent: () => sent,
      send: async () => {
        sent += 1;
        if (sent <= 2) throw error();
        return { reply: "ok" };
      },
    };
  };

  test.each([408, 409, 500, 503, 529])("is repeated after HTTP %i", async (status) => {
    const { time, pacing } = paced();
    const { send, sent } = failingTwice(() => new HttpError(status));
    expect(await time.run(pacing.run(call(send)))).toBe("ok");
    expect(sent()).toBe(3);
  });

  test("is repeated after a broken connection, with growing pauses", async () => {
    const { time, pacing } = paced();
    const { send } = failingTwice(() => new TypeError("terminated"));
    await time.run(pacing.run(call(send)));
    // Three quarters of 500 ms and of 1 s, and the pace between requests.
    expect(time.clock.monotonic()).toBeGreaterThanOrEqual(1_125);
    expect(time.clock.monotonic()).toBeLessThan(1_375);
  });

  test("takes the time of its row while it is repeated, and none while it waits for its turn", async () => {
    const { time, pacing } = paced();
    const { signal } = new AbortController();
    let pausedAt = 0;
    let pausedMs = 0;
    registerDeadline(signal, {
      pause: () => {
        pausedAt = time.clock.monotonic();
      },
      resume: () => {
        pausedMs += time.clock.monotonic() - pausedAt;
      },
      sending: () => undefined,
      settled: () => undefined,
    });
    const { send } = failingTwice(() => new TypeError("terminated"));
    await time.run(pacing.run(call(send, signal)));
    // Three quarters of 500 ms and of 1 s.
    expect(time.clock.monotonic() - pausedMs).toBeGreaterThanOrEqual(1_125);
  });

  test.each([400, 401, 403, 404, 422])("is not repeated after HTTP %i", async (status) => {
    const { time, pacing } = paced();
    const { send, sent } = failingTwice(() => new HttpError(status));
    await expect(time.run(pacing.run(call(send)))).rejects.toThrow(`HTTP ${status}`);
    expect(sent()).toBe(1);
  });

  test("obeys Retry-After in seconds, milliseconds and as a date", async () => {
    const headers = [
      { "retry-after": "7" },
      { "retry-after-ms": "7000" },
      { "retry-after": new Date(7_000).toUTCString() },
    ];
    for (const header of headers) {
      const { time, pacing } = paced();
      let sent = 0;
      const send = async () => {
        sent += 1;
        if (sent === 1) throw new HttpError(429, header);
        return { reply: String(time.clock.monotonic()) };
      };
      expect(Number(await time.run(pacing.run(call(send))))).toBeGreaterThanOrEqual(7_000);
    }
  });

  test("is given up when the provider keeps failing, with the last error", async () => {
    const { time, pacing } = paced({ maxRetries: 3 });
    let sent = 0;
    const send = async () => {
      sent += 1;
      throw new HttpError(503, { "x-request": String(sent) });
    };
    await expect(time.run(pacing.run(call(send)))).rejects.toThrow("HTTP 503");
    expect(sent).toBe(4);
  });

  test("is given up at once when the account has no quota left", async () => {
    const { time, pacing } = paced();
    let sent = 0;
    const send = async () => {
      sent += 1;
      throw Object.assign(new HttpError(429), { code: "insufficient_quota" });
    };
    await expect(time.run(pacing.run(call(send)))).rejects.toThrow("HTTP 429");
    expect(sent).toBe(1);
  });

  test("that is aborted while it waits for its turn is not sent", async () => {
    const { time, limiter, pacing } = paced();
    limiter.pause(60_000);
    const abort = new AbortController();
    let sent = 0;
    const running = pacing.run(
      call(async () => {
        sent += 1;
        return { reply: "ok" };
      }, abort.signal),
    );
    abort.abort(new Error("enough"));
    await expect(time.run(running)).rejects.toThrow("enough");
    expect(sent).toBe(0);
  });
});

test("a provider that refuses everything is asked for ten minutes, not for ten by every call", async () => {
  const { time, pacing } = paced();
  const send = async () => {
    throw new HttpError(429);
  };
  let begun = 0;
  const worker = async () => {
    while (begun < 60) {
      begun += 1;
      const running = pacing.run({ send, tokens: 1, tokensOf: () => undefined });
      await expect(running).rejects.toThrow("HTTP 429");
    }
  };
  await time.run(Promise.all(Array.from({ length: 8 }, worker)));
  const minutes = time.clock.monotonic() / 60_000;
  expect(minutes).toBeGreaterThan(9.5);
  expect(minutes).toBeLessThan(11);
});

test.each([
  ["an answer that failed at the server", 500, 5 * 60_000],
  ["a time in which nobody asked", 429, 11 * 60_000],
])("a refusal before %s does not count towards the ten minutes", async (_, between, idleMs) => {
  const { time, pacing } = paced({ maxRetries: 0 });
  const ask = (status?: number, headers?: Record<string, string>) =>
    pacing.run({
      send: async () => {
        if (status !== undefined) throw new HttpError(status, headers);
        return { reply: "ok" };
      },
      tokens: 1,
      tokensOf: () => undefined,
    });
  const idle = () => time.run(time.sleep(idleMs));
  await expect(time.run(ask(429))).rejects.toThrow("HTTP 429");
  await idle();
  await expect(time.run(ask(between))).rejects.toThrow(`HTTP ${between}`);
  await idle();
  // It waits for the pause that the refusal asks for, and is sent.
  await expect(time.run(ask(429, { "retry-after": "90" }))).rejects.toThrow("HTTP 429");
  expect(await time.run(ask())).toBe("ok");
});

describe("a budget", () => {
  test("of requests per minute holds in every minute", async () => {
    const { time, pacing } = paced({ budget: { rpm: 120 } });
    const times: number[] = [];
    const send = async () => {
      times.push(time.clock.monotonic());
      return { reply: "ok" };
    };
    const all = Array.from({ length: 400 }, () =>
      pacing.run({ send, tokens: 1, tokensOf: () => undefined }),
    );
    await time.run(Promise.all(all));
    const most = Math.max(
      ...times.map((from) => times.filter((at) => at >= from && at < from + 60_000).length),
    );
    expect(most).toBeLessThanOrEqual(120);
    expect(most).toBeGreaterThan(110);
  });

  test("of tokens per minute counts what was used, not what was estimated", async () => {
    const { time, pacing } = paced({ budget: { tpm: 6_000 } });
    const send = async () => ({ reply: "ok" });
    const all = Array.from({ length: 60 }, () =>
      pacing.run({ send, tokens: 10, tokensOf: () => 100 }),
    );
    await time.run(Promise.all(all));
    expect(time.clock.monotonic()).toBeGreaterThan(50_000);
  });
});

test("headers that say nothing is left hold back the next request until there is", async () => {
  const { time, pacing } = paced();
  const headers = new Headers({
    "x-ratelimit-remaining-requests": "0",
    "x-ratelimit-reset-requests": "1s",
  });
  const times: number[] = [];
  const send = async () => {
    times.push(time.clock.monotonic());
    return { reply: "ok", headers };
  };
  for (let i = 0; i < 2; i++) {
    await time.run(pacing.run({ send, tokens: 1, tokensOf: () => undefined }));
  }
  expect((times[1] as number) - (times[0] as number)).toBeGreaterThanOrEqual(1_000);
});
