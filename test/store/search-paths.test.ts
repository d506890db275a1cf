import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Run } from "../../src/core/index.ts";
import { openStore, type SearchQuery } from "../../src/store/index.ts";
import type { SqlEngine } from "../../src/store/sql/engine.ts";
import { openPostgres } from "../../src/store/sql/postgres/open.ts";
import { countMatches, type IdPage, pageAlong } from "../../src/store/sql/search/page.ts";
import { pathWhere } from "../../src/store/sql/search/paths.ts";
import { prepareSearch } from "../../src/store/sql/search/prepare.ts";
import { searchTable } from "../../src/store/sql/search/rows.ts";
import { openSqlite } from "../../src/store/sql/sqlite/open.ts";
import { givenRuns } from "../../src/testing/conformance/search-fixture.ts";
import { MEASURED, ORDERS } from "../../src/testing/conformance/search-pages.ts";
import { newDatabase, noPostgres } from "../support/postgres.ts";
import { tempFolder } from "./temp-folder.ts";

/** Every search goes along an index, or gathers what another index finds, or does what suits it. */
const FEW = [0, 1, 4, 1_000_000];

const FILTERS = [
  undefined,
  "metrics.m > 0",
  "metrics.m < 1e300 OR params.p = 'x'",
  "metrics.m >= 0 AND metrics.m < 3",
  "NOT metrics.m > 0",
  "params.p LIKE 'x%'",
  "params.p IN ('x', 'y') OR run_name LIKE 'n%'",
  "run_name IN ('nan', 'none', 'up')",
  "run_name LIKE 'n%' AND params.p IS NULL",
];

async function withEngine(uri: string, work: (engine: SqlEngine) => Promise<void>): Promise<void> {
  const isPostgres = uri.startsWith("postgresql:");
  const engine = isPostgres
    ? await openPostgres(uri)
    : await openSqlite(uri.replace("sqlite:///", ""));
  try {
    await work(engine);
  } finally {
    await engine.close();
  }
}

async function allIds(engine: SqlEngine, query: SearchQuery, few: number): Promise<number[]> {
  const ids: number[] = [];
  let pageToken: string | undefined;
  do {
    const paged = { ...query, ...(pageToken !== undefined && { pageToken }) };
    const search = prepareSearch(engine.expressions, "runs", paged);
    const page: IdPage = await pageAlong(engine, search, await pathWhere(few, engine, search));
    ids.push(...page.ids);
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return ids;
}

function suite(newUri: () => Promise<string>): void {
  test("every way to the rows gives the same ones in the same order, in pages of any size", async () => {
    const uri = await newUri();
    const store = await openStore(uri, { artifactRoot: join(tempFolder(), "artifacts") });
    const experimentId = await givenRuns(store, MEASURED);
    await givenRuns(store, MEASURED, "another");
    await store.close();
    await withEngine(uri, async (engine) => {
      for (const filter of FILTERS) {
        for (const orderBy of ORDERS) {
          for (const experimentIds of [[experimentId], undefined]) {
            const query = {
              orderBy,
              ...(filter && { filter }),
              ...(experimentIds && { experimentIds }),
            };
            const expected = await allIds(engine, query, 1_000_000);
            for (const few of FEW) {
              const found = await allIds(engine, { ...query, maxResults: 3 }, few);
              expect([filter, orderBy, few, found]).toEqual([filter, orderBy, few, expected]);
            }
          }
        }
      }
    });
  });

  test("however rarely a filter lets a run through, each page has the next ones", async () => {
    const uri = await newUri();
    const store = await openStore(uri, { artifactRoot: join(tempFolder(), "artifacts") });
    const { experimentId } = await store.experiments.createExperiment("e");
    const made: Run[] = [];
    for (let at = 0; at < 400; at++) {
      const run = { experimentId, name: `n${at}`, startTime: Math.floor(at / 3) };
      made.push(await store.runs.createRun(run));
      const metrics = at % 7 ? [{ key: "m", value: at % 11, timestamp: 0, step: 0 }] : [];
      await store.runs.logBatch(made[at]?.runId ?? "", { tags: { t: `x${at % 90}` }, metrics });
    }
    const inOrder = made.toSorted(
      (a, b) => b.startTime - a.startTime || (a.runId < b.runId ? -1 : 1),
    );
    const numberOf = (name: string) => Number(name.slice(1));
    const filters: readonly (readonly [string, (at: number) => boolean])[] = [
      ["tags.t LIKE '%x7'", (at) => at % 90 === 7],
      ["tags.t LIKE '%0' AND start_time < 100", (at) => (at % 90) % 10 === 0 && at < 300],
      ["tags.t LIKE '%none'", () => false],
      ["NOT tags.t LIKE '%1%'", (at) => !String(at % 90).includes("1")],
    ];
    await withEngine(uri, async (engine) => {
      for (const [filter, passes] of filters) {
        const query = { filter, experimentIds: [experimentId] };
        const expected = inOrder.filter(({ name }) => passes(numberOf(name)));
        const names = new Map(made.map(({ name }, at) => [at + 1, name]));
        for (const maxResults of [1, 3, 1000]) {
          const ids = await allIds(engine, { ...query, maxResults }, 0);
          expect(ids.map((id) => names.get(id))).toEqual(expected.map(({ name }) => name));
        }
        const byMetric = await allIds(
          engine,
          { ...query, maxResults: 4, orderBy: ["metrics.m"] },
          0,
        );
        expect(byMetric.length).toBe(expected.length);
        const places = byMetric.map((id) => ((id - 1) % 7 ? (id - 1) % 11 : Number.MAX_VALUE));
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        expect(await countMatches(engine, "runs", query)).toBe(expected.length);
      }
    });
    await store.close();
  });

  test("logged models and datasets are searched by the same rules", async () => {
    const uri = await newUri();
    const store = await openStore(uri, { artifactRoot: join(tempFolder(), "artifacts") });
    const experimentId = await givenRuns(store, { r: {} });
    await store.close();
    await withEngine(uri, async (engine) => {
      await givenModels(engine, Number(experimentId));
      await givenDatasets(engine, Number(experimentId));
      const context = { engine } as Parameters<typeof searchTable>[0];
      const models = async (filter: string, orderBy: string[] = []) => {
        const page = await searchTable(context, "logged-models", {
          filter,
          orderBy,
          experimentIds: [experimentId],
        });
        return page.items.map(({ name }) => name).join("");
      };
      expect(await models("")).toBe("ba");
      expect(await models("", ["metrics.acc DESC"])).toBe("ab");
      expect(await models("metrics.acc > 0.5")).toBe("a");
      expect(await models("metrics.acc < 0.5")).toBe("ba");
      expect(await models("source_run_id LIKE '%'")).toBe("a");
      expect(await models("params.p = 'x' AND status = 'READY'")).toBe("a");
      expect(await models("NOT tags.t = 'y'")).toBe("a");
      expect(await models("name IN ('b') AND model_type != 'agent'")).toBe("");
      const datasets = async (query: SearchQuery) =>
        (await searchTable(context, "datasets", query)).items.map(({ name }) => name).join("");
      expect(await datasets({})).toBe("dc");
      expect(await datasets({ experimentIds: [experimentId] })).toBe("c");
      expect(await datasets({ filter: "created_by = 'ada'" })).toBe("c");
      expect(await datasets({ filter: "tags.t = 'y'" })).toBe("d");
      expect(await datasets({ orderBy: ["created_by DESC"] })).toBe("cd");
      expect(await datasets({ lifecycle: "deleted" })).toBe("");
      const first = await searchTable(context, "datasets", { maxResults: 1 });
      expect(await datasets({ maxResults: 1, pageToken: first.nextPageToken ?? "" })).toBe("c");
    });
  });
}

async function givenModels({ reads }: SqlEngine, experiment_id: number): Promise<void> {
  const run = (await reads.selectFrom("runs").select("id").executeTakeFirstOrThrow()).id;
  const common = { experiment_id, status: "READY", lifecycle_stage: "active" } as const;
  const more = { status_message: null, artifact_uri: "file:///a", last_update_time: 1 };
  for (const [at, name] of ["a", "b"].entries()) {
    const { id: model } = await reads
      .insertInto("logged_models")
      .values({
        ...common,
        ...more,
        model_id: `m-${name}`,
        name,
        model_type: name === "a" ? "agent" : null,
        source_run: name === "a" ? run : null,
        creation_time: at,
      })
      .returning("id")
      .executeTakeFirstOrThrow();
    const point = {
      model,
      key: "acc",
      is_nan: 0,
      timestamp: 1,
      run,
      dataset_name: "",
      dataset_digest: "",
    };
    // The latest value of a is 0.9, of b 0.2.
    const values = name === "a" ? [0.1, 0.9] : [0.2];
    for (const [step, value] of values.entries()) {
      await reads
        .insertInto("logged_model_metrics")
        .values({ ...point, step, value })
        .execute();
    }
    const text = { model, key: name === "a" ? "p" : "t", value: name === "a" ? "x" : "y" };
    await reads
      .insertInto(name === "a" ? "logged_model_params" : "logged_model_tags")
      .values(text)
      .execute();
  }
}

async function givenDatasets({ reads }: SqlEngine, experiment_id: number): Promise<void> {
  for (const [at, name] of ["c", "d"].entries()) {
    const { id: dataset } = await reads
      .insertInto("datasets")
      .values({
        dataset_id: `d-${name}`,
        name,
        creation_time: at,
        last_update_time: at,
        created_by: name === "c" ? "ada" : null,
        last_updated_by: null,
        latest_version: 0,
        writer: "",
        writer_until: 0,
      })
      .returning("id")
      .executeTakeFirstOrThrow();
    if (name === "c") {
      await reads.insertInto("dataset_experiments").values({ dataset, experiment_id }).execute();
    } else {
      await reads.insertInto("dataset_tags").values({ dataset, key: "t", value: "y" }).execute();
    }
  }
}

describe("search on SQLite", () => {
  suite(async () => `sqlite:///${join(tempFolder(), "assay.db")}`);
});

describe.skipIf(noPostgres)(`search on PostgreSQL${noPostgres ? ` (${noPostgres})` : ""}`, () => {
  suite(newDatabase);
});
