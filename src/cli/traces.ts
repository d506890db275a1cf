import { resolve } from "node:path";
import { Option } from "commander";
import { TRACE_GROUPS, type Trace, type TraceGroup, withoutAbsent } from "../core/index.ts";
import type { TraceSearchQuery } from "../store/index.ts";
import { storeDestination, tracesOfSpans } from "../tracing/index.ts";
import { newCommand, storeCommand } from "./support/command.ts";
import { EXIT } from "./support/exit-codes.ts";
import { milliseconds, timestamp, usageText } from "./support/format.ts";
import { type Io, line } from "./support/io.ts";
import { findRunId, findTraceId, withStore } from "./support/open-store.ts";
import { firstOf, type SearchFlags, searchable } from "./support/search.ts";
import { renderTable } from "./support/table.ts";
import {
  spansOfFile,
  TRACE_FORMATS,
  type TraceFormat,
  writeTraces,
} from "./support/trace-files.ts";
import { printTrace, traceJson } from "./support/trace-tree.ts";

interface Flags extends SearchFlags {
  readonly trackingUri?: string;
  readonly json?: boolean;
  readonly run?: string;
}

/** `assay traces list | show | stats | import | export`. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand("traces", "Traces in the tracking store", io);
  const sub = (name: string, description: string) => storeCommand(command, name, description);
  searchable(sub("list", "newest traces first"), "status = 'ERROR' and span.type = 'LLM'")
    .option("--run <run>", "only traces of this run")
    .action((flags: Flags) => list(flags, io));
  sub("show", "one trace as a tree of spans")
    .argument("<trace>", "a trace id or its beginning")
    .option("--full", "inputs and outputs in full length")
    .action((id: string, flags: Flags & { full?: boolean }) => show(id, flags, io));
  searchable(sub("stats", "counts, times, tokens and cost"), "status = 'OK'")
    .addOption(
      new Option("--by <group>", "one line for each")
        .choices(TRACE_GROUPS)
        .default("day" satisfies TraceGroup),
    )
    .action((flags: Flags & { by: TraceGroup }) => stats(flags, io));
  sub("import", "store traces of a file: OTLP's or MLflow's JSON, whole or one document a line")
    .argument("<file>", "the file")
    .option("--experiment <name>", "experiment to store them in", "Default")
    .action((file: string, flags: Flags & { experiment: string }) => importFile(file, flags, io));
  searchable(sub("export", "write traces to a file, one document a line"), "status = 'OK'")
    .argument("<file>", "the file, which is replaced")
    .addOption(
      new Option("--format <format>", "vocabulary and shape")
        .choices(TRACE_FORMATS)
        .default("otlp" satisfies TraceFormat),
    )
    .action((file: string, flags: Flags & { format: TraceFormat }) => exportFile(file, flags, io));
  await command.parseAsync(argv, { from: "user" });
  return EXIT.ok;
}

async function list(flags: Flags, io: Io): Promise<void> {
  await withStore(flags.trackingUri, io, async (store) => {
    const runId = flags.run === undefined ? undefined : await findRunId(store, flags.run);
    const found = await firstOf(
      (query) => store.traces.searchTraces({ ...query, ...withoutAbsent({ runId }) }),
      {},
      flags,
      500,
    );
    if (flags.json) {
      line(io.stdout, JSON.stringify(found, null, 2));
      return;
    }
    if (found.length === 0) line(io.stderr, "no traces");
    const cells = found.map((info) => [
      info.traceId.slice(0, 15),
      timestamp(info.startTime),
      info.state,
      info.durationMs === undefined ? "" : milliseconds(info.durationMs),
      String(info.spanCount),
      usageText(info.usage ?? {}),
      info.name,
      info.requestPreview ?? "",
    ]);
    const columns = [
      { title: "trace" },
      { title: "started" },
      { title: "state" },
      { title: "took", align: "right" as const },
      { title: "spans", align: "right" as const },
      { title: "used" },
      { title: "name" },
      { title: "request", flexible: true },
    ];
    for (const row of renderTable(columns, cells, io.stdout.columns)) line(io.stdout, row);
  });
}

async function show(wanted: string, flags: Flags & { full?: boolean }, io: Io): Promise<void> {
  await withStore(flags.trackingUri, io, async (store) => {
    const trace = (await store.traces.getTrace(await findTraceId(store, wanted))) as Trace;
    if (flags.json) line(io.stdout, JSON.stringify(traceJson(trace), null, 2));
    else printTrace(trace, io.stdout, flags.full === true);
  });
}

async function stats(flags: Flags & { by: TraceGroup }, io: Io): Promise<void> {
  await withStore(flags.trackingUri, io, async ({ traces }) => {
    const query = withoutAbsent<TraceSearchQuery>({ filter: flags.filter });
    const found = await traces.summarizeTraces({ ...query, by: flags.by });
    if (flags.json) {
      line(io.stdout, JSON.stringify(found, null, 2));
      return;
    }
    const took = (value: number | undefined) => (value === undefined ? "" : milliseconds(value));
    const cells = found.map((group) => [
      group.group,
      String(group.count),
      String(group.errors),
      took(group.durationMs?.p50),
      took(group.durationMs?.p90),
      took(group.durationMs?.p99),
      usageText(group.usage),
    ]);
    const right = (title: string) => ({ title, align: "right" as const });
    const columns = [
      { title: flags.by },
      right("traces"),
      right("failed"),
      right("p50"),
      right("p90"),
      right("p99"),
      { title: "used" },
    ];
    for (const row of renderTable(columns, cells, io.stdout.columns)) line(io.stdout, row);
  });
}

async function importFile(
  file: string,
  { experiment, trackingUri }: Flags & { experiment: string },
  io: Io,
): Promise<void> {
  await withStore(
    trackingUri,
    io,
    async (store) => {
      const { experimentId } = await store.experiments.ensureExperiment(experiment);
      const destination = storeDestination(store, { experimentId });
      const ids = new Set<string>();
      let spanCount = 0;
      for await (const spans of spansOfFile(resolve(io.cwd, file))) {
        const traces = tracesOfSpans(spans, experimentId);
        await Promise.all(traces.map((trace) => destination.receive(trace)));
        for (const { info } of traces) ids.add(info.traceId);
        spanCount += spans.length;
      }
      line(io.stdout, `imported ${ids.size} traces with ${spanCount} spans into "${experiment}"`);
    },
    { mayBeNew: true },
  );
}

async function exportFile(
  file: string,
  flags: Flags & { format: TraceFormat },
  io: Io,
): Promise<void> {
  await withStore(flags.trackingUri, io, async ({ traces }) => {
    async function* found(): AsyncGenerator<Trace> {
      let pageToken: string | undefined;
      let left = flags.limit ?? Number.POSITIVE_INFINITY;
      do {
        const query = withoutAbsent<TraceSearchQuery>({ filter: flags.filter, pageToken });
        const page = await traces.searchTraces({ ...query, maxResults: 100 });
        for (const { traceId } of page.items.slice(0, left)) {
          const trace = await traces.getTrace(traceId);
          if (trace !== undefined) yield trace;
        }
        left -= page.items.length;
        pageToken = page.nextPageToken;
      } while (pageToken !== undefined && left > 0);
    }
    const count = await writeTraces(resolve(io.cwd, file), found(), flags.format);
    line(io.stdout, `exported ${count} traces to ${file}`);
  });
}
