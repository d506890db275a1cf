import { RUN_TAGS } from "../../core/index.ts";
import type { TrackingStore } from "../../store/index.ts";
import type { StoreTest, TestRunner } from "./kit.ts";
import { answers, givenRuns, namesOf } from "./search-fixture.ts";

const RUNS = {
  a: {
    params: { model: "gpt-4", "top.k": "5" },
    tags: { team: "search", "mlflow.user": "ada" },
    metrics: { acc: 0.9, loss: 1 },
    status: "FINISHED",
    endTime: 5000,
  },
  b: { params: { model: "gpt-3" }, tags: { team: "ranking" }, metrics: { acc: 0.5 } },
  c: { params: { model: "" }, metrics: { acc: Number.NaN } },
  d: { metrics: { acc: Number.POSITIVE_INFINITY, loss: Number.NEGATIVE_INFINITY } },
  e: { params: { model: `${"x".repeat(70)}1` }, tags: { "a b/c": "d" }, status: "FAILED" },
  f: { params: { model: `${"x".repeat(70)}2` } },
} as const;

const LONG = "x".repeat(70);

const FILTERS: readonly (readonly [filter: string, names: string])[] = [
  ["", "abcdef"],
  ["metrics.acc > 0.5", "ad"],
  ["metrics.acc >= 0.5", "abd"],
  ["metrics.acc < 0.9", "b"],
  ["metrics.acc <= 0.9", "ab"],
  ["metrics.acc = 0.9", "a"],
  ["metrics.acc != 0.9", "bd"],
  ["metrics.acc > 1e300", "d"],
  ["metrics.loss < -1e300", "d"],
  ["metrics.unknown != 1", ""],
  ["NOT metrics.acc > 0.5", "bcef"],
  ["NOT metrics.unknown = 1", "abcdef"],
  ["params.model = 'gpt-4'", "a"],
  ["params.model = ''", "c"],
  ["params.model != 'gpt-4'", "bcef"],
  ["NOT params.model = 'gpt-4'", "bcdef"],
  ["NOT NOT params.model = 'gpt-4'", "a"],
  ["params.model IN ('gpt-3', 'gpt-4', 'gpt-3')", "ab"],
  ["params.model NOT IN ('gpt-3', 'gpt-4')", "cef"],
  ["NOT params.model NOT IN ('gpt-3', 'gpt-4')", "abd"],
  ["params.model IS NULL", "d"],
  ["params.model IS NOT NULL", "abcef"],
  ["NOT params.model IS NULL", "abcef"],
  ["params.model LIKE 'gpt%'", "ab"],
  ["NOT params.model LIKE 'gpt%'", "cdef"],
  ["params.model ILIKE 'GPT-_'", "ab"],
  [`params.model = '${LONG}1'`, "e"],
  [`params.model IN ('${LONG}1', '${LONG}2')`, "ef"],
  [`params.model LIKE '${LONG}%'`, "ef"],
  [`params.model LIKE '${LONG}2'`, "f"],
  [`params.model = '${LONG}'`, ""],
  ["params.`top.k` = '5'", "a"],
  ["tags.team = 'search' OR tags.team = 'ranking'", "ab"],
  ["tags.team = 'search' AND tags.team = 'ranking'", ""],
  ["tags.`a b/c` = 'd'", "e"],
  ["tags.team IS NULL AND metrics.acc > 0", "d"],
  ["user_id = 'ada'", "a"],
  ["user_id != 'ada'", ""],
  ["NOT user_id = 'ada'", "bcdef"],
  ["status = 'FINISHED'", "a"],
  ["status != 'RUNNING'", "ae"],
  ["status IN ('FAILED', 'FINISHED')", "ae"],
  ["run_name = 'b'", "b"],
  ["run_name LIKE 'b%'", "b"],
  ["run_name IN ('b', 'c', 'z')", "bc"],
  ["run_name ILIKE 'B'", "b"],
  [`tags.\`${RUN_TAGS.runName}\` = 'b'`, "b"],
  ["end_time = 5000", "a"],
  ["end_time > 4999.5", "a"],
  ["end_time != 1", "a"],
  ["NOT end_time = 5000", "bcdef"],
  ["start_time > 1500000000000", "abcdef"],
  ["start_time > 1e300", ""],
  ["artifact_uri LIKE '%/artifacts'", "abcdef"],
  ["run_id = 'nobody'", ""],
  ["experiment_id = 'x'", ""],
  ["experiment_id = '01'", ""],
  ["dataset.name = 'x'", ""],
  ["NOT dataset.name = 'x'", "abcdef"],
  ["metrics.acc > 0.5 AND params.model = 'gpt-4' OR metrics.acc < 0.6", "ab"],
  ["metrics.acc > 0.5 AND (params.model = 'gpt-4' OR metrics.acc < 0.6)", "a"],
  ["NOT (metrics.acc > 0.5 OR params.model = 'gpt-3')", "cef"],
  ["NOT (params.model IS NULL OR NOT metrics.acc >= 0.5)", "ab"],
  ["params.model = 'gpt-4' OR NOT params.model IS NOT NULL", "ad"],
];

const HOSTILE = [
  "'; DROP TABLE runs; --",
  "' OR '1'='1",
  '" OR ""="',
  "\\'; SELECT 1",
  "%' ESCAPE 'x",
  "$1 ?1 :a @b",
  "{{x}} {y} #{z}",
  "\u202e[]{}()|^$.*+",
];

export function searchRunsSuite({ expect }: TestRunner, test: StoreTest): void {
  test("a filter lets the runs through that it speaks of", async (store) => {
    await givenRuns(store, RUNS);
    const table = await answers(FILTERS, async (filter) => (await namesOf(store, filter)).join(""));
    expect(table.found).toEqual(table.expected);
  });

  test("the count is that of the runs on all pages", async (store) => {
    await givenRuns(store, RUNS);
    const { found, expected } = await answers(
      FILTERS.map(([filter, names]) => [filter, names.length] as const),
      (filter) => store.runs.countRuns({ filter, maxResults: 1, orderBy: ["metrics.acc"] }),
    );
    expect(found).toEqual(expected);
  });

  test("runs are found whole: with params, tags and metrics", async (store) => {
    const experimentId = await givenRuns(store, RUNS);
    const { items, nextPageToken } = await store.runs.searchRuns({ filter: "run_name = 'a'" });
    const [run] = items;
    expect([run?.params, run?.metrics, run?.experimentId]).toEqual([
      RUNS.a.params,
      RUNS.a.metrics,
      experimentId,
    ]);
    expect(nextPageToken).toBe(undefined);
    expect(await store.runs.getRun(run?.runId ?? "")).toEqual(run);
    const byId = `run_id IN ('${run?.runId}', 'nobody') AND experiment_id = '${experimentId}'`;
    expect(await namesOf(store, byId)).toEqual(["a"]);
  });

  test("values that look like SQL are values", async (store) => {
    const runs = HOSTILE.map((text, at) => [`r${at}`, { params: { p: text } }]);
    await givenRuns(store, Object.fromEntries(runs));
    const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
    for (const [at, text] of HOSTILE.entries()) {
      const like = quoted(text.replace(/[\\%_]/g, "\\$&"));
      for (const filter of [
        `params.p = ${quoted(text)}`,
        `params.p IN (${quoted(text)})`,
        `params.p LIKE ${like}`,
        `params.p ILIKE ${like}`,
      ]) {
        expect([filter, await namesOf(store, filter)]).toEqual([filter, [`r${at}`]]);
      }
      expect(await namesOf(store, `metrics.\`${text}\` > 1 OR tags.\`${text}\` = 'x'`)).toEqual([]);
    }
    expect(await store.runs.countRuns({})).toBe(HOSTILE.length);
  });

  test("alternatives on tags, params and metrics are one by one what they are together", async (store) => {
    await givenRuns(store, RUNS);
    const many = (from: number) =>
      Array.from({ length: 12 }, (_, at) => `tags.none${from + at} = 'x'`).join(" OR ");
    const table = await answers(
      [
        ["params.model = 'gpt-4' OR params.model = 'gpt-3'", "ab"],
        ["params.model = 'gpt-4' OR params.model LIKE 'gpt-3%'", "ab"],
        ["params.model IN ('gpt-4') OR params.model = '' OR params.`top.k` = '6'", "ac"],
        ["params.model != 'gpt-4' OR params.`top.k` = '5'", "abcef"],
        ["params.model IS NULL OR params.model = 'gpt-4'", "ad"],
        ["params.model IS NOT NULL OR tags.team = 'x'", "abcef"],
        ["NOT (params.model = 'gpt-4' OR params.model = 'gpt-3')", "cdef"],
        ["metrics.acc > 1 OR metrics.loss > 0", "ad"],
        ["metrics.acc != 0.9 OR metrics.acc < 0", "bd"],
        ["(metrics.acc = 0.9 OR tags.team = 'ranking') OR metrics.acc = 0.5", "ab"],
        [`${many(0)} OR tags.team = 'ranking' OR tags.\`a b/c\` LIKE 'd%'`, "be"],
        [`(${many(0)}) AND tags.team = 'ranking'`, ""],
        [`NOT (${many(0)} OR tags.team = 'ranking') AND params.model = 'gpt-3'`, ""],
        [`${many(0)} OR user_id = 'ada'`, "a"],
        [Array.from({ length: 10 }, (_, at) => many(12 * at)).join(" OR "), ""],
      ],
      async (filter) => (await namesOf(store, filter)).join(""),
    );
    expect(table.found).toEqual(table.expected);
  });

  test("the largest filters that can be read are run", async (store) => {
    await givenRuns(store, RUNS);
    const all = (word: string, condition: (at: number) => string) =>
      Array.from({ length: 400 }, (_, at) => condition(at)).join(` ${word} `);
    const table = await answers(
      [
        [all("AND", () => "params.model = 'gpt-4'"), "a"],
        [all("OR", (at) => `params.model = 'gpt-${at}'`), "ab"],
        [all("OR", (at) => `metrics.acc > ${400 - at}`), "d"],
        [all("AND", (at) => `NOT tags.t${at} = 'x'`), "abcdef"],
        [all("OR", (at) => `dataset.name = 'd${at}' `), ""],
        [`${"NOT (".repeat(50)}params.model = 'gpt-4'${")".repeat(50)}`, "a"],
        [`params.model IN (${Array.from({ length: 5000 }, (_, at) => `'gpt-${at}'`)})`, "ab"],
      ],
      async (filter) => (await namesOf(store, filter)).join(""),
    );
    expect(table.found).toEqual(table.expected);
    for (const filter of [
      all("OR", (at) => `span.name = 's${at}'`),
      all("AND", (at) => `text LIKE '%${at}%'`),
      "feedback.f > 1 OR feedback.g = 'x' OR NOT (span.name = 's') AND feedback.h < 1",
    ]) {
      expect((await store.traces.searchTraces({ filter })).items).toEqual([]);
    }
  });

  test("a search sees the wanted experiments, and of these active or deleted runs", async (store) => {
    const { runs } = store;
    const one = await givenRuns(store, { a: {}, b: {} }, "one");
    const two = await givenRuns(store, { c: {} }, "two");
    const { items } = await runs.searchRuns({ filter: "run_name = 'b'" });
    await runs.deleteRun(items[0]?.runId ?? "");
    const search = (query: Parameters<typeof runs.searchRuns>[0]) => namesOf(store, "", query);
    expect(await search({})).toEqual(["a", "c"]);
    expect(await search({ lifecycle: "deleted" })).toEqual(["b"]);
    expect(await search({ lifecycle: "all" })).toEqual(["a", "b", "c"]);
    expect(await search({ experimentIds: [one] })).toEqual(["a"]);
    expect(await search({ experimentIds: [one, two, one] })).toEqual(["a", "c"]);
    expect(await search({ experimentIds: [two], lifecycle: "deleted" })).toEqual([]);
    for (const experimentIds of [[], ["x"], ["-1", "1.5", "9".repeat(30)]]) {
      expect(await search({ experimentIds })).toEqual([]);
    }
    expect(await runs.countRuns({ experimentIds: [one], lifecycle: "all" })).toBe(2);
  });

  test("the runs of a deleted experiment are deleted with it, and so are its traces", async (store) => {
    const { experiments, runs } = store;
    const gone = await givenRuns(store, { a: {} }, "gone");
    const kept = await givenRuns(store, { b: {} }, "kept");
    for (const [at, experimentId] of [gone, kept].entries()) {
      const traceId = `tr-${String(at).repeat(32)}`;
      const info = { traceId, experimentId, name: "t", state: "OK", startTime: 1 } as const;
      await store.traces.writeTrace({ ...info, spanCount: 0 }, []);
    }
    await experiments.deleteExperiment(gone);
    const found = async (lifecycle: "active" | "deleted" | "all") => [
      await namesOf(store, "", { lifecycle }),
      await experiments.countExperiments({ lifecycle }),
      await store.traces.countTraces({ lifecycle }),
      await store.traces.countTraces({ lifecycle, experimentIds: [gone] }),
    ];
    expect(await found("active")).toEqual([["b"], 1, 1, 0]);
    expect(await found("deleted")).toEqual([["a"], 1, 1, 1]);
    expect(await found("all")).toEqual([["a", "b"], 2, 2, 1]);
    expect(await runs.countRuns({ experimentIds: [kept, gone] })).toBe(1);
  });

  test("runs are found by the datasets they used", async (store) => {
    await givenRuns(store, { a: {}, b: {}, c: {} });
    const { items } = await store.runs.searchRuns({ orderBy: ["run_name"] });
    const [a, b] = items;
    const dataset = (name: string) => ({
      name,
      digest: `d-${name}`,
      sourceType: "local",
      source: "{}",
    });
    const used = (name: string, context: string) => ({
      dataset: dataset(name),
      tags: { "mlflow.data.context": context },
    });
    const both = [used("train", "training"), used("held out", "eval")];
    await store.runs.logInputs(a?.runId ?? "", { datasets: both });
    await store.runs.logInputs(b?.runId ?? "", { datasets: [used("train", "training")] });
    const table = await answers(
      [
        ["dataset.name = 'train'", "ab"],
        ["dataset.name != 'train'", "a"],
        ["NOT dataset.name = 'train'", "c"],
        ["datasets.digest LIKE 'd-h%'", "a"],
        ["dataset.context IN ('eval')", "a"],
        ["dataset.context ILIKE 'TRAIN%'", "ab"],
        ["dataset.name = 'held out' OR run_name = 'c'", "ac"],
      ],
      async (filter) => (await namesOf(store, filter)).join(""),
    );
    expect(table.found).toEqual(table.expected);
  });

  test("experiments are found by name, tag and time", (store) => experiments(store, { expect }));
}

async function experiments(
  store: TrackingStore,
  { expect }: Pick<TestRunner, "expect">,
): Promise<void> {
  const { experimentId } = await store.experiments.createExperiment("Ship");
  await store.experiments.createExperiment("shop");
  await store.experiments.setExperimentTag(experimentId, "team", "sea");
  const table = await answers(
    [
      ["", "Ship,shop"],
      ["name LIKE 'sh%'", "shop"],
      ["name ILIKE 'sh%'", "Ship,shop"],
      ["tags.team = 'sea'", "Ship"],
      ["tags.team IS NULL", "shop"],
      ["NOT tags.team = 'sea'", "shop"],
      ["creation_time > 1500000000000 AND last_update_time < 1e300", "Ship,shop"],
      [`experiment_id = '${experimentId}'`, "Ship"],
      [`experiment_id LIKE '${experimentId}'`, "Ship"],
      ["experiment_id IN ('nobody')", ""],
    ],
    async (filter) => {
      const { items } = await store.experiments.searchExperiments({ filter, orderBy: ["name"] });
      return items.map(({ name }) => name).join(",");
    },
  );
  expect(table.found).toEqual(table.expected);
  const { items } = await store.experiments.searchExperiments({ experimentIds: [experimentId] });
  expect(items).toEqual([await store.experiments.getExperiment(experimentId)]);
  expect(await store.experiments.countExperiments({ filter: "name ILIKE 'SH%'" })).toBe(2);
  expect(await store.experiments.countExperiments({ lifecycle: "deleted" })).toBe(0);
}
