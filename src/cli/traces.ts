import { type Trace, withoutAbsent } from "../core/index.ts";
import { newCommand, storeCommand } from "./support/command.ts";
import { EXIT } from "./support/exit-codes.ts";
import { milliseconds, timestamp, usageText } from "./support/format.ts";
import { type Io, line } from "./support/io.ts";
import { findRunId, findTraceId, withStore } from "./support/open-store.ts";
import { firstOf, type SearchFlags, searchable } from "./support/search.ts";
import { renderTable } from "./support/table.ts";
import { printTrace, traceJson } from "./support/trace-tree.ts";

interface Flags extends SearchFlags {
  readonly trackingUri?: string;
  readonly json?: boolean;
  readonly run?: string;
}

/** `assay traces list | show`. */
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
