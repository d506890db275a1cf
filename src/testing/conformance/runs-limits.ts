import type { RunBatch } from "../../store/ports/index.ts";
import { newRun, rejection, type StoreTest, type TestRunner } from "./kit.ts";

const texts = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, "v"]));

const points = (count: number) =>
  Array.from({ length: count }, (_, step) => ({ key: "m", value: step, timestamp: 1, step }));

/** MLflow's limits, and its words when they are passed. */
export function runLimits({ expect }: TestRunner, test: StoreTest): void {
  test("a batch as large as MLflow allows is written whole", async (store) => {
    const runId = await newRun(store);
    const batch = { metrics: points(800), params: texts(100), tags: texts(100) };
    await store.runs.logBatch(runId, batch);
    await store.runs.logBatch(runId, { metrics: points(1000) });
    const run = await store.runs.getRun(runId);
    expect([Object.keys(run?.params ?? {}).length, run?.metrics.m]).toEqual([100, 999]);
  });

  test("a larger batch is refused in MLflow's words", async (store) => {
    const runId = await newRun(store);
    const all = { metrics: points(801), params: texts(100), tags: texts(100) };
    const cases: [RunBatch, number, string, number][] = [
      [{ metrics: points(1001) }, 1000, "metrics", 1001],
      [{ params: texts(101) }, 100, "params", 101],
      [{ tags: texts(101) }, 100, "tags", 101],
      [all, 1000, "metrics, params, and tags", 1001],
    ];
    for (const [batch, limit, what, count] of cases) {
      expect(await rejection(store.runs.logBatch(runId, batch))).toEqual({
        code: "invalid-argument",
        message: `A batch logging request can contain at most ${limit} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`,
      });
    }
    expect((await store.runs.getRun(runId))?.params).toEqual({});
  });

  test("keys have letters, digits and a few signs, in every script", async (store) => {
    const runId = await newRun(store);
    const keys = ["a/b.c-d_e:f g", "größe", "指标/1", "a..b", ".hidden", "x".repeat(250)];
    const good = Object.fromEntries(keys.map((key) => [key, "1"]));
    await store.runs.logBatch(runId, { params: good, tags: good });
    expect((await store.runs.getRun(runId))?.params).toEqual(good);
    const bad = ["a@b", "a(b)", "a\nb", "", ".", "..", "../a", "/a", "a/", "a//b", "a/./b", "a/.."];
    for (const key of [...bad, "x".repeat(251)]) {
      for (const batch of [
        { params: { [key]: "1" } },
        { tags: { [key]: "1" } },
        { metrics: [{ key, value: 1, timestamp: 1, step: 0 }] },
      ]) {
        const { code } = await rejection(store.runs.logBatch(runId, batch));
        expect(code).toBe("invalid-argument");
      }
    }
  });

  test("names that objects have of themselves are keys like any other", async (store) => {
    const runId = await newRun(store);
    const own = (value: string) => JSON.parse(`{"__proto__":${value},"constructor":${value}}`);
    const keys = Object.keys(own("1"));
    await store.runs.logBatch(runId, {
      params: own('"p"'),
      tags: own('"t"'),
      metrics: keys.map((key) => ({ key, value: 1, timestamp: 1, step: 0 })),
    });
    const run = await store.runs.getRun(runId);
    for (const texts of [run?.params, run?.tags, run?.metrics]) {
      const kept = Object.keys(texts ?? {}).filter((key) => keys.includes(key));
      expect(kept).toEqual(keys);
    }
    const found = await store.runs.searchRuns({ filter: "params.`__proto__` = 'p'" });
    expect(found.items.map((item) => Object.entries(item.params))).toEqual([
      keys.map((key) => [key, "p"]),
    ]);
  });

  test("a wrong key is named with its place", async (store) => {
    const runId = await newRun(store);
    const refused = async (batch: RunBatch) =>
      (await rejection(store.runs.logBatch(runId, batch))).message;
    expect(await refused({ params: { "a@b": "1" } })).toBe(
      `Invalid value "a@b" for parameter 'params[0].key' supplied: Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).`,
    );
    expect(await refused({ tags: { ok: "1", "a//b": "1" } })).toBe(
      `Invalid value "a//b" for parameter 'tags[1].key' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to 'a/b'`,
    );
    const long = await refused({ params: { ["x".repeat(251)]: "1" } });
    const text = "'params[0].key' exceeds the maximum length of 250 characters";
    expect(long.startsWith(text)).toBe(true);
  });

  test("a value too long is refused, not cut off, and the refusal says what to do", async (store) => {
    const runId = await newRun(store);
    // Characters, not code units.
    const [param, tag] = ["😀".repeat(6000), "😀".repeat(8000)];
    await store.runs.logBatch(runId, { params: { param }, tags: { tag } });
    const run = await store.runs.getRun(runId);
    expect([run?.params.param, run?.tags.tag]).toEqual([param, tag]);
    const { code, message } = await rejection(
      store.runs.logBatch(runId, { params: { fine: "1", prompt: "x".repeat(6001) } }),
    );
    expect(code).toBe("invalid-argument");
    const parts = ["'params[1].value' exceeds the maximum length of 6000 characters"];
    for (const part of [...parts, "6001", '"prompt"', "logText()"]) {
      expect(message.includes(part)).toBe(true);
    }
    const long = store.runs.logBatch(runId, { tags: { tag: "x".repeat(8001) } });
    expect((await rejection(long)).code).toBe("invalid-argument");
  });

  test("a point has a number, a time and a step", async (store) => {
    const runId = await newRun(store);
    const point = { key: "m", value: 1, timestamp: 0, step: -5 };
    await store.runs.logBatch(runId, { metrics: [point] });
    for (const wrong of [
      { value: "1" as unknown as number },
      { timestamp: -1 },
      { timestamp: 1.5 },
      { step: 0.5 },
      { step: 2 ** 60 },
    ]) {
      const metrics = [point, { ...point, ...wrong }];
      const { code, message } = await rejection(store.runs.logBatch(runId, { metrics }));
      const [field] = Object.keys(wrong);
      expect([code, message.includes(`'metrics[1].${field}'`)]).toEqual(["invalid-argument", true]);
    }
    expect(await store.runs.getMetricHistory(runId, "m")).toEqual([point]);
  });

  test("what no database keeps in a text is replaced, so that it can be logged again", async (store) => {
    const runId = await newRun(store);
    const params = { nul: "a\0b", half: "a\ud800b", name: "\udc00" };
    for (let times = 0; times < 2; times++)
      await store.runs.logBatch(runId, { params, tags: params });
    const run = await store.runs.getRun(runId);
    expect(run?.params).toEqual({ half: "a\ufffdb", name: "\ufffd", nul: "a\ufffdb" });
    expect(run?.tags.half).toBe("a\ufffdb");
    const found = await store.runs.searchRuns({ filter: `params.half = '${params.half}'` });
    expect(found.items.map((item) => item.runId)).toEqual([runId]);
  });

  test("every changed param is named in the refusal", async (store) => {
    const runId = await newRun(store);
    await store.runs.logBatch(runId, { params: { a: "1", b: "2", c: "3" } });
    const one = await rejection(store.runs.logBatch(runId, { params: { a: "x" } }));
    expect(one.message).toBe(
      `Changing param values is not allowed. Param with key='a' was already logged with value='1' for run ID='${runId}'. Attempted logging new value 'x'.`,
    );
    const params = { a: "x", b: "2", c: "z", d: "4" };
    const several = await rejection(store.runs.logBatch(runId, { params }));
    expect(several.message).toBe(
      `Changing param values is not allowed. Params were already logged='[{'key': 'a', 'old_value': '1', 'new_value': 'x'}, {'key': 'c', 'old_value': '3', 'new_value': 'z'}]' for run ID='${runId}'.`,
    );
  });
}
