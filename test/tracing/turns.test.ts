import { describe, expect, test, vi } from "vitest";
import { Turns } from "../../src/tracing/turns.ts";

/** Asks for so many turns; the list gets a number for each that has come. */
function asking(turns: Turns, count: number): number[] {
  const came: number[] = [];
  for (let n = 0; n < count; n++) void turns.next().then(() => came.push(n));
  return came;
}

describe("turns of deliveries", () => {
  test("come together, in order, a moment after they were asked for", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const came = asking(new Turns(), 40);
      await new Promise((resolve) => setImmediate(resolve));
      expect(came).toEqual([]);
      vi.advanceTimersByTime(200);
      await vi.waitFor(() => expect(came).toEqual(Array.from({ length: 40 }, (_, n) => n)));
    } finally {
      vi.useRealTimers();
    }
  });

  test("come at once when somebody waits for them, or when many wait", async () => {
    const turns = new Turns();
    const few = asking(turns, 3);
    turns.hurry();
    await vi.waitFor(() => expect(few).toHaveLength(3));
    const many = asking(turns, 600);
    await vi.waitFor(() => expect(many).toHaveLength(600));
  });

  test("leave the event loop its turn between them", async () => {
    const turns = new Turns();
    const came = asking(turns, 600);
    await new Promise((resolve) => setImmediate(resolve));
    expect(came.length).toBeLessThan(600);
    await vi.waitFor(() => expect(came).toHaveLength(600));
  });
});
