import type { Score, Span, TraceInfo } from "../../core/index.ts";
import type { TraceSearchQuery, TrackingStore } from "../../store/index.ts";
import { beginEvaluation, LATENCY, newResult, RELEVANCE } from "./evaluation.ts";
import { rejection, type StoreTest, type TestRunner } from "./kit.ts";
import { allPages, answers } from "./search-fixture.ts";

type GivenSpan = Partial<Span> & { readonly name: string };

/** Names of traces are letters, their ids repeat the letter. */
const idOf = (name: string) => `tr-${name.repeat(32)}`;

async function givenTrace(
  store: TrackingStore,
  name: string,
  info: Partial<TraceInfo>,
  spans: readonly GivenSpan[],
): Promise<void> {
  const { experimentId } = await store.experiments.ensureExperiment("conformance");
  const startTime = 1_795_000_000_000 + name.charCodeAt(0);
  const common = { state: "OK", startTime, spanCount: spans.length } as const;
  await store.traces.writeTrace(
    { traceId: idOf(name), experimentId, name, ...common, ...info },
    spans.map((span, at) => ({
      traceId: name.repeat(32),
      spanId: String(at).repeat(16),
      type: "CHAIN",
      startNs: 1000n,
      endNs: 1000n,
      status: "OK",
      attributes: {},
      events: [],
      ...span,
    })),
  );
}

async function givenTraces(store: TrackingStore): Promise<string> {
  const runId = await beginEvaluation(store);
  await givenTrace(
    store,
    "a",
    {
      runId,
      durationMs: 1.5,
      clientRequestId: "req-1",
      usage: { inputTokens: 2, outputTokens: 3, cost: 0.25 },
      tags: { env: "prod", "mlflow.linkedPrompts": '[{"name": "greeting", "version": "3"}]' },
      metadata: { "mlflow.trace.session": "s1" },
    },
    [
      { name: "root", inputs: { q: "Where is Köln?" }, endNs: 3_000_000n },
      {
        name: "ask",
        type: "LLM",
        attributes: {
          "gen_ai.request.model": "m-1",
          "a.b": 5,
          yes: true,
          'quo"te': "x",
          nothing: null,
        },
        outputs: "100% sure",
      },
    ],
  );
  await givenTrace(
    store,
    "b",
    { state: "ERROR", usage: { inputTokens: 7 }, tags: { env: "dev" } },
    [
      { name: "root" },
      { name: "find", type: "TOOL", status: "ERROR", statusMessage: "Quota søk exceeded" },
      {
        name: "ask",
        type: "LLM",
        attributes: { "gen_ai.response.model": "m-2" },
        events: [
          {
            name: "exception",
            timeNs: 2000n,
            attributes: { "exception.type": "Timeout", "exception.message": "gave up after 3 s" },
          },
        ],
      },
    ],
  );
  const links = '[{"name":"other","version":"3"},{"name":"greeting","version":"31"}]';
  await givenTrace(
    store,
    "c",
    { state: "IN_PROGRESS", tags: { "mlflow.linkedPrompts": links } },
    [],
  );
  return runId;
}

const FILTERS: readonly (readonly [filter: string, traces: string])[] = [
  ["", "abc"],
  ["status = 'ERROR'", "b"],
  ["status != 'OK'", "bc"],
  ["name = 'a'", "a"],
  ["name IS NULL", ""],
  ["trace.name RLIKE '^[ab]$'", "ab"],
  ["NOT name RLIKE '^[ab]$'", "c"],
  ["name IN ('b', 'c')", "bc"],
  [`request_id = '${idOf("a")}'`, "a"],
  ["trace_id LIKE 'tr-b%'", "b"],
  ["client_request_id = 'req-1'", "a"],
  ["client_request_id LIKE 'req%'", "a"],
  ["client_request_id != 'x'", "a"],
  ["NOT client_request_id = 'x'", "abc"],
  ["timestamp_ms > 1795000000097", "bc"],
  ["timestamp <= 1795000000097.5", "a"],
  ["execution_time_ms > 1", "a"],
  ["execution_time_ms != 1", "a"],
  ["end_time_ms = 1795000000098.5", "a"],
  ["end_time_ms >= 1795000000098", "abc"],
  ["tokens = 5", "a"],
  ["total_tokens >= 5", "ab"],
  ["output_tokens IS NULL", "bc"],
  ["tokens IS NULL", "c"],
  ["cost < 0.3", "a"],
  ["run_id IS NULL", "bc"],
  ["run_id IS NOT NULL", "a"],
  ["run_id LIKE '%'", "a"],
  ["NOT run_id = 'x'", "abc"],
  ["tags.env = 'prod'", "a"],
  ["tags.env != 'prod'", "b"],
  ["tags.env IS NULL", "c"],
  ["tags.env RLIKE 'o|v'", "ab"],
  ["session = 's1'", "a"],
  ["metadata.`mlflow.trace.session` IS NULL", "bc"],
  ["prompt = 'greeting/3'", "a"],
  ["prompt = 'greeting/31'", "c"],
  ["prompt = 'other/3'", "c"],
  ["prompt = 'gree_ing/3'", ""],
  ["issue.id = 'i'", ""],
  ["span.name = 'ask'", "ab"],
  ["span.name LIKE 'as%'", "ab"],
  ["span.name IN ('find', 'nothing')", "b"],
  ["NOT span.name = 'ask'", "c"],
  ["span.name != 'ask'", "ab"],
  ["span.type = 'TOOL'", "b"],
  ["span.status = 'ERROR'", "b"],
  ["span.type = 'LLM' AND span.status = 'ERROR'", ""],
  ["(span.type = 'LLM') AND (span.status = 'ERROR')", "b"],
  ["span.status = 'ERROR' AND (span.type = 'LLM' OR span.type = 'TOOL')", "b"],
  ["NOT span.status = 'ERROR'", "ac"],
  ["span.duration_ms > 2", "a"],
  ["span.model = 'm-1'", "a"],
  ["span.model RLIKE '^m-\\d$'", "ab"],
  ["span.attributes.a.b = '5'", "a"],
  ["span.attributes.yes = 'true'", "a"],
  ["span.attributes.`quo\"te` = 'x'", "a"],
  ["span.attributes.nothing != 'x'", ""],
  ["span.attributes.unknown = 'x'", ""],
  ["text ILIKE '%köln%'", "a"],
  ["text LIKE '%100\\%%'", "a"],
  ["trace.text LIKE '%gen\\_ai%'", "ab"],
  ["span.content LIKE '%find%'", "b"],
  ["text LIKE '%Quota%'", "b"],
  ["text ILIKE '%SØK exc%'", "b"],
  ["text LIKE '%gave up after%'", "b"],
  ["NOT text LIKE '%gave up%'", "ac"],
  ["NOT text LIKE '%ask%'", "c"],
  ["tags.env = 'prod' OR span.type = 'TOOL'", "ab"],
  ["feedback.relevance IS NULL", "abc"],
  ["expectation.answer = 'x'", ""],
];

const ORDERS: readonly (readonly [order: string, traces: string])[] = [
  ["timestamp_ms", "abc"],
  ["timestamp_ms DESC", "cba"],
  ["name DESC", "cba"],
  ["trace_id", "abc"],
  ["status", "bca"],
  ["execution_time_ms DESC", "acb"],
  ["tokens DESC", "bac"],
  ["cost", "acb"],
  ["end_time_ms DESC", "cab"],
  ["run_id", "acb"],
  ["client_request_id DESC", "acb"],
  ["tags.env", "bac"],
  ["metadata.`mlflow.trace.session`", "acb"],
];

export function searchTracesSuite(runner: TestRunner, test: StoreTest): void {
  traces(runner, test);
  feedback(runner, test);
}

const search =
  ({ traces }: TrackingStore) =>
  async (filter: string) => {
    const { items } = await traces.searchTraces({ filter, orderBy: ["trace_id"] });
    return items.map(({ name }) => name).join("");
  };

function traces({ expect }: TestRunner, test: StoreTest): void {
  test("a filter lets the traces through that it speaks of", async (store) => {
    const runId = await givenTraces(store);
    const ofRun = [
      [`run_id = '${runId}'`, "a"],
      [`run_id IN ('${runId}')`, "a"],
    ] as const;
    const table = await answers([...FILTERS, ...ofRun], search(store));
    expect(table.found).toEqual(table.expected);
    const counts = await answers(
      FILTERS.map(([filter, names]) => [filter, names.length] as const),
      (filter) => store.traces.countTraces({ filter }),
    );
    expect(counts.found).toEqual(counts.expected);
  });

  test("traces come in every order, in pages of any size", async (store) => {
    await givenTraces(store);
    for (const [order, expected] of ORDERS) {
      for (const maxResults of [1, 2, 3]) {
        const query = { orderBy: [order], maxResults };
        const found = await allPages((page) => store.traces.searchTraces(page), query);
        expect([order, found.map(({ name }) => name).join("")]).toEqual([order, expected]);
      }
    }
  });

  test("traces are found with tags, metadata and what else is known of them", async (store) => {
    await givenTraces(store);
    const { items } = await store.traces.searchTraces({ filter: "name = 'a'" });
    const [info] = items;
    expect([info?.tags?.env, info?.metadata, info?.clientRequestId, info?.spanCount]).toEqual([
      "prod",
      { "mlflow.trace.session": "s1" },
      "req-1",
      2,
    ]);
    expect((await store.traces.getTrace(idOf("a")))?.info).toEqual(info);
    expect((await store.traces.listTraces({})).at(-1)).toEqual(info);
  });

  test("a search for traces sees the wanted experiments", async (store) => {
    await givenTraces(store);
    const { experimentId: other } = await store.experiments.createExperiment("other");
    await givenTrace(store, "d", { experimentId: other }, []);
    const count = (query: object) => store.traces.countTraces(query);
    expect(await count({})).toBe(4);
    expect(await count({ experimentIds: [other] })).toBe(1);
    expect(await count({ experimentIds: [other, "1", "x"] })).toBe(4);
    expect(await count({ experimentIds: ["x"] })).toBe(0);
    expect(await count({ lifecycle: "deleted" })).toBe(0);
    expect(await count({ lifecycle: "all" })).toBe(4);
  });

  test("a search within a run keeps to it, whatever the filter", async (store) => {
    const runId = await givenTraces(store);
    const all = { filter: "name = 'zz' OR name LIKE '%'" };
    const names = async (query: TraceSearchQuery) =>
      (await allPages((page) => store.traces.searchTraces({ ...page, runId }), query)).map(
        ({ name }) => name,
      );
    expect(await names(all)).toEqual(["a"]);
    expect(await names({ maxResults: 1 })).toEqual(["a"]);
    expect(await store.traces.countTraces({ ...all, runId })).toBe(1);
    expect(await store.traces.countTraces({ ...all, runId: "nobody" })).toBe(0);
    const within = await store.traces.searchTraces({ runId, maxResults: 1 });
    const anywhere = await store.traces.searchTraces({ maxResults: 1 });
    expect([within.nextPageToken, typeof anywhere.nextPageToken]).toEqual([undefined, "string"]);
    const pageToken = anywhere.nextPageToken ?? "";
    expect((await rejection(store.traces.searchTraces({ runId, pageToken }))).code).toBe(
      "invalid-argument",
    );
  });

  test("a regular expression means the same in every engine", async (store) => {
    const texts = ["a foo b", "food", "a\nb", "é1_", "\u00a0", "[x]-y", "aaa😀", "a/b.c{d}"];
    for (const [at, text] of texts.entries()) {
      await givenTrace(store, at.toString(16), { tags: { t: text } }, []);
    }
    const patterns = ["\\bfoo\\b", "\\Boo\\B", "a.b", "^\\w", "^\\W\\d", "^\\s$", "\\S\\s\\S"]
      .concat(["[\\]\\d]-", "[^a-z ]{2,3}", "^(?:a|fo+)*d?$", "a{3}.$", "^.+$", "b\\.c\\{d", ""])
      .concat([
        "a*?foo|^\\D\\n",
        "^(a+)+$",
        "(|x)y$",
        "[\\w😀]$",
        "é\\b1",
        "^(?:)+a/",
        "\\ba{3}\\b",
      ]);
    const table = await answers(
      patterns.map((pattern) => {
        const expected = texts.flatMap((text, at) =>
          new RegExp(pattern, "u").test(text) ? at.toString(16) : [],
        );
        return [`tags.t RLIKE '${pattern}'`, expected.join("")] as const;
      }),
      search(store),
    );
    expect(table.found).toEqual(table.expected);
  });

  test("a regular expression that engines read differently is refused", async (store) => {
    for (const pattern of ["(", "\\p{L}", "\\u{66}", "(?i)a", "(?=a)", "(a)\\1", "[[:alpha:]]"]) {
      const search = store.traces.searchTraces({ filter: `name RLIKE '${pattern}'` });
      expect((await rejection(search)).code).toBe("invalid-argument");
    }
  });

  test("a regular expression cannot stop the process", async (store) => {
    await givenTrace(store, "a", { tags: { t: `${"a".repeat(5_000)}!` } }, []);
    const { items } = await store.traces.searchTraces({ filter: "tags.t RLIKE '^(a+)+$'" });
    expect(items).toEqual([]);
  });
}

const scored = (value: number | boolean | string): Score => ({ kind: "scored", value });

function feedback({ expect }: TestRunner, test: StoreTest): void {
  test("the scores of an evaluation are feedback on its traces", async (store) => {
    const runId = await givenTraces(store);
    const given: readonly (readonly [name: string, relevance: Score, slowness: Score])[] = [
      ["a", scored(2), scored(true)],
      ["b", scored(4.5), scored("yes")],
      ["c", { kind: "unscored", reason: "scorer-failed", detail: "d" }, scored("true")],
    ];
    for (const [at, [name, relevance, slowness]] of given.entries()) {
      const result = newResult(at, { traceId: idOf(name) });
      const resultId = await store.results.commitResult(runId, result);
      await store.results.commitScore(runId, { resultId, scorer: RELEVANCE, scores: [relevance] });
      await store.results.commitScore(runId, { resultId, scorer: LATENCY, scores: [slowness] });
    }
    const table = await answers(
      [
        ["feedback.relevance < 3", "a"],
        ["feedback.`relevance/v1` < 3", "a"],
        ["feedback.`relevance/v2` < 3", ""],
        ["feedback.relevanc < 3", ""],
        ["feedback.relevance != 2", "b"],
        ["feedback.relevance >= 2", "ab"],
        ["feedback.relevance = '2'", "a"],
        ["feedback.relevance = '4.5'", "b"],
        ["feedback.relevance IN ('2', '3')", "a"],
        ["feedback.relevance LIKE '_'", "a"],
        ["feedback.relevance IS NULL", "c"],
        ["feedback.relevance IS NOT NULL", "ab"],
        ["NOT feedback.relevance < 3", "bc"],
        ["feedback.slowness = 'true'", "ac"],
        ["feedback.slowness = true", "ac"],
        ["feedback.slowness != 'true'", "b"],
        ["feedback.slowness ILIKE 'YES'", "b"],
        ["expectation.relevance IS NULL", "abc"],
        ["feedback.relevance > 1 AND status = 'ERROR'", "b"],
      ],
      search(store),
    );
    expect(table.found).toEqual(table.expected);
  });
}
