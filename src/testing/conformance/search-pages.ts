import type { Run } from "../../core/index.ts";
import type { SearchQuery } from "../../store/index.ts";
import { rejection, type StoreTest, type TestRunner } from "./kit.ts";
import { allPages, type GivenRun, givenRuns } from "./search-fixture.ts";

const VALUES = {
  nan: Number.NaN,
  up: Number.POSITIVE_INFINITY,
  big: 1e300,
  two: 2,
  third: 1 / 3,
  zero: 0,
  minus: -1.5,
  down: Number.NEGATIVE_INFINITY,
};

const DOWN = ["up", "big", "two", "third", "zero", "minus", "down"];

/** Runs with a metric `m` of every kind of value, and two without it. */
export const MEASURED: { readonly [name: string]: GivenRun } = {
  ...Object.fromEntries(Object.entries(VALUES).map(([name, m]) => [name, { metrics: { m } }])),
  none: {},
  other: { metrics: { n: 1 }, params: { p: "x" }, status: "FINISHED", endTime: 1000 },
};

export const ORDERS: readonly (readonly string[])[] = [
  [],
  ["start_time ASC"],
  ["metrics.m"],
  ["metrics.m DESC"],
  ["metrics.n DESC", "metrics.m"],
  ["params.p DESC", "metrics.m DESC"],
  ["tags.`mlflow.runName`"],
  ["run_name DESC"],
  ["status", "metrics.m"],
  ["end_time DESC", "run_name"],
  ["end_time", "run_name DESC"],
  ["user_id", "run_name"],
  ["artifact_uri"],
  ["experiment_id", "run_id DESC"],
  ["run_id"],
];

export function searchPagesSuite(runner: TestRunner, test: StoreTest): void {
  metricOrder(runner, test);
  pages(runner, test);
  tokens(runner, test);
}

function metricOrder({ expect }: TestRunner, test: StoreTest): void {
  test("numbers stand before NaN and NaN before what is missing, up and down", async (store) => {
    await givenRuns(store, MEASURED);
    for (const [direction, expected] of [
      ["DESC", [...DOWN, "nan", "none", "other"]],
      ["ASC", [...DOWN.toReversed(), "nan", "none", "other"]],
    ] as const) {
      const orderBy = [`metrics.m ${direction}`, "run_name"];
      const { items } = await store.runs.searchRuns({ orderBy });
      expect(items.map(({ name }) => name)).toEqual(expected);
    }
  });

  test("the latest run comes first unless an order is asked for", async (store) => {
    await givenRuns(store, MEASURED);
    const { items } = await store.runs.searchRuns({});
    const expected = items.toSorted(
      (a: Run, b: Run) => b.startTime - a.startTime || (a.runId < b.runId ? -1 : 1),
    );
    expect(items).toEqual(expected);
    expect(items.length).toBe(10);
  });
}

function pages({ expect }: TestRunner, test: StoreTest): void {
  test("pages of any size make the same sequence, in every order", async ({ ...store }) => {
    await givenRuns(store, MEASURED);
    const idsOf = async (query: SearchQuery) =>
      (await allPages((page) => store.runs.searchRuns(page), query)).map(({ runId }) => runId);
    for (const orderBy of ORDERS) {
      const whole = await idsOf({ orderBy });
      expect(new Set(whole).size).toBe(10);
      for (const maxResults of [1, 3, 5, 10]) {
        expect([orderBy, maxResults, await idsOf({ orderBy, maxResults })]).toEqual([
          orderBy,
          maxResults,
          whole,
        ]);
      }
    }
  });

  test("runs written between pages neither hide nor repeat those that were there", async (store) => {
    for (const orderBy of [["metrics.m DESC"], ["metrics.m"], [], ["run_name"]]) {
      const experiment = `e${orderBy}`;
      const experimentId = await givenRuns(store, MEASURED, experiment);
      const query = { experimentIds: [experimentId], orderBy, maxResults: 2 };
      const before = await store.runs.searchRuns({ ...query, maxResults: 100 });
      let rounds = 0;
      const runs = await allPages(async (page) => {
        const found = await store.runs.searchRuns(page);
        if (rounds++ < 4) await givenRuns(store, LATER, experiment);
        return found;
      }, query);
      const seen = runs.map(({ runId }) => runId);
      const expected = before.items.map(({ runId }) => runId);
      expect(seen.filter((runId) => expected.includes(runId))).toEqual(expected);
      expect(new Set(seen).size).toBe(seen.length);
    }
  });
}

/** Of every kind: before, between and behind what was there. */
const LATER: { readonly [name: string]: GivenRun } = {
  above: { metrics: { m: 1e301 } },
  below: { metrics: { m: -9 } },
  nan: { metrics: { m: Number.NaN } },
  nothing: {},
};

function tokens({ expect }: TestRunner, test: StoreTest): void {
  test("a token belongs to its query: another's and any other text is refused", async ({
    runs,
    ...store
  }) => {
    const experimentId = await givenRuns({ runs, ...store }, MEASURED);
    const query: SearchQuery = { filter: "metrics.m > -5", orderBy: ["metrics.m"], maxResults: 2 };
    const { nextPageToken: pageToken = "" } = await runs.searchRuns(query);
    expect((await runs.searchRuns({ ...query, pageToken, maxResults: 5 })).items.length).toBe(4);
    const spaced = { ...query, filter: " metrics.m  >  -5 ", pageToken };
    expect((await runs.searchRuns(spaced)).items.length).toBe(2);
    for (const other of [
      { ...query, filter: "metrics.m > -6", pageToken },
      { ...query, orderBy: ["metrics.m DESC"], pageToken },
      { ...query, experimentIds: [experimentId], pageToken },
      { ...query, lifecycle: "all" as const, pageToken },
      { ...query, pageToken: "" },
      { ...query, pageToken: "garbage" },
      { ...query, pageToken: Buffer.from('{"offset": 2}').toString("base64") },
    ]) {
      expect((await rejection(runs.searchRuns(other))).code).toBe("invalid-argument");
    }
    const traces = store.traces.searchTraces({ pageToken });
    expect((await rejection(traces)).code).toBe("invalid-argument");
  });

  test("a token that was tampered with is refused, not run", async ({ runs, ...store }) => {
    await givenRuns({ runs, ...store }, MEASURED);
    const query: SearchQuery = { orderBy: ["metrics.m"], maxResults: 2 };
    const { nextPageToken = "" } = await runs.searchRuns(query);
    const [target, fingerprint, [m, start, id]] = JSON.parse(
      Buffer.from(nextPageToken, "base64url").toString(),
    );
    for (const after of [[m, start], [m, start, null], [m, null, id], ["1", start, id], []]) {
      const json = JSON.stringify([target, fingerprint, after]);
      const pageToken = Buffer.from(json).toString("base64url");
      const { code } = await rejection(runs.searchRuns({ ...query, pageToken }));
      expect([after, code]).toEqual([after, "invalid-argument"]);
    }
  });

  test("a page has as many results as MLflow allows", async ({ runs, experiments, traces }) => {
    for (const maxResults of [0, -1, 1.5, Number.NaN, 50_001]) {
      const reason = maxResults === 50_001 ? "at most 50000" : "a positive integer";
      const { code, message } = await rejection(runs.searchRuns({ maxResults }));
      expect([code, message]).toEqual([
        "invalid-argument",
        `Invalid value ${maxResults} for parameter 'max_results' supplied. It must be ${reason}`,
      ]);
      expect((await rejection(experiments.searchExperiments({ maxResults }))).message).toBe(
        message,
      );
    }
    expect((await runs.searchRuns({ maxResults: 50_000 })).items).toEqual([]);
    const tooMany = await rejection(traces.searchTraces({ maxResults: 501 }));
    expect(tooMany.message.endsWith("It must be at most 500")).toBe(true);
  });

  test("a filter or order that makes no sense is refused", async ({ runs }) => {
    for (const query of [
      { filter: "metrics.m > 'x'" },
      { filter: "nonsense" },
      { orderBy: ["dataset.name"] },
      { orderBy: ["status", "status DESC"] },
    ]) {
      expect((await rejection(runs.searchRuns(query))).code).toBe("invalid-argument");
    }
  });
}
