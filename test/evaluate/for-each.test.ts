import { expect, test } from "vitest";
import { forEachConcurrently } from "../../src/evaluate/for-each.ts";
import { meeting, numbered } from "./temp-store.ts";

function items(count: number, closed: () => void = () => undefined) {
  return (async function* () {
    try {
      yield* numbered(count);
    } finally {
      closed();
    }
  })();
}

test("every item is worked on once, and the end is told", async () => {
  const done: number[] = [];
  const hasEnded = await forEachConcurrently(items(50), 7, async ({ i }) => void done.push(i));
  expect(hasEnded).toBe(true);
  expect(done.sort((a, b) => a - b)).toEqual(numbered(50).map(({ i }) => i));
});

test("a limit far above the number of items costs nothing", async () => {
  const done: number[] = [];
  await forEachConcurrently(items(3), Number.MAX_SAFE_INTEGER, async ({ i }) => void done.push(i));
  expect(done).toEqual([0, 1, 2]);
});

test("no items are an end as well", async () => {
  expect(await forEachConcurrently(items(0), 3, async () => undefined)).toBe(true);
});

test("the first error is thrown once the others have settled, and the source is closed", async () => {
  const events: string[] = [];
  const together = meeting(3);
  const working = forEachConcurrently(
    items(10, () => events.push("closed")),
    3,
    async ({ i }) => {
      await together.arrive();
      if (i === 0) throw new Error("first");
      await Promise.resolve().then(() => Promise.resolve());
      events.push(`done ${i}`);
    },
  );
  await expect(working).rejects.toThrow("first");
  expect(events.sort()).toEqual(["closed", "done 1", "done 2"]);
});

test("an error of the source is thrown after what it gave before is done", async () => {
  const done: number[] = [];
  async function* broken() {
    yield* numbered(2);
    throw new Error("broken off");
  }
  const working = forEachConcurrently(broken(), 4, async ({ i }) => void done.push(i));
  await expect(working).rejects.toThrow("broken off");
  expect(done).toEqual([0, 1]);
});

test("an abort gives up waiting for a source, and leaves no listener behind", async () => {
  const controller = new AbortController();
  async function* stuck() {
    yield { i: 0 };
    await new Promise(() => undefined);
  }
  const hasEnded = await forEachConcurrently(
    stuck(),
    2,
    async () => controller.abort(),
    controller.signal,
  );
  expect(hasEnded).toBe(false);
});

test("an item that comes after the abort is not begun", async () => {
  const controller = new AbortController();
  const done: number[] = [];
  async function* slow() {
    yield { i: 0 };
    controller.abort();
    yield { i: 1 };
  }
  await forEachConcurrently(slow(), 1, async ({ i }) => void done.push(i), controller.signal);
  expect(done).toEqual([0]);
});
