import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { AssayError, withoutAbsent } from "../core/index.ts";
import { mergeShards, SHARD_TAG, type ShardRun, storedEvaluation } from "../evaluate/index.ts";
import type { TrackingStore } from "../store/index.ts";
import { storeAt } from "../tracking/index.ts";
import { collect, newCommand } from "./support/command.ts";
import { guarantee } from "./support/eval-command.ts";
import { exitOfResult } from "./support/exit-codes.ts";
import { type Io, line } from "./support/io.ts";
import { findRunId, withStore } from "./support/open-store.ts";
import { checkOutputs, OUTPUT_HELP, toJson, writeReports } from "./support/output-files.ts";
import { gateLine } from "./support/report.ts";
import { oneLine } from "./support/table.ts";

interface Flags {
  readonly gate?: readonly string[];
  readonly strict?: boolean;
  readonly guarantee?: "standard" | "exact";
  readonly baseline?: string;
  readonly allowMismatch?: boolean;
  readonly experiment?: string;
  readonly trackingUri?: string;
  readonly output?: readonly string[];
  readonly json?: boolean;
}

/** `assay merge <shards...>`: one run of the shards of an evaluation, and its gates. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand("merge", "One run of the shards of an evaluation, and its gates", io)
    .argument("<shards...>", "run ids of this store, or SQLite files whose shard is taken")
    .option("--gate <condition>", "in the place of the gates of the shards; repeatable", collect)
    .option("--strict", "a gate passes only when its whole interval does")
    .option("--guarantee <kind>", "exact intervals", guarantee)
    .option("--baseline <baseline>", "a run id, branch:main, @alias, file.baseline.json")
    .option("--allow-mismatch", "compare although the baseline is of other data or another judge")
    .option("--experiment <name>", "where the run is stored; that of the shards by default")
    .option("--tracking-uri <uri>", "tracking store that the run is written to")
    .option("-o, --output <file>", OUTPUT_HELP, collect)
    .option("--json", "print JSON")
    .parse(argv, { from: "user" });
  const { trackingUri, json, gate, output, ...flags } = command.opts<Flags>();
  checkOutputs(output ?? [], io);
  return withStore(
    trackingUri,
    io,
    async (store) => {
      const shards: ShardRun[] = [];
      for (const wanted of command.args) shards.push(await findShard(wanted, store, io));
      const runId = await mergeShards(
        store,
        shards,
        withoutAbsent({ ...flags, gates: gate, baseDir: io.cwd }),
      );
      const record = await store.results.getEvaluation(runId);
      const { status = "failed", gates = [], problems = [], notes = [] } = record?.outcome ?? {};
      const merged = record && (await storedEvaluation(store, record));
      if (json) {
        line(io.stdout, JSON.stringify(merged === undefined ? [] : [toJson(merged)], null, 2));
      } else {
        line(io.stdout, `run ${runId}  ${oneLine(record?.name ?? "")}, ${shards.length} shards`);
        for (const problem of problems) line(io.stdout, `INCOMPLETE  ${oneLine(problem)}`);
        for (const note of notes) line(io.stdout, `note: ${oneLine(note)}`);
        for (const result of gates) line(io.stdout, gateLine(result));
        line(io.stdout, gates.length === 0 ? "no gate" : `decision: ${record?.outcome?.decision}`);
      }
      if (merged !== undefined) await writeReports([merged], output, io);
      const ended = status === "finished" ? "finished" : "incomplete";
      return exitOfResult({ status: ended, gates }, flags.strict === true);
    },
    { mayBeNew: true },
  );
}

/** A run of the store, or the latest shard in the file of another. */
async function findShard(wanted: string, store: TrackingStore, io: Io): Promise<ShardRun> {
  const file = resolve(io.cwd, wanted);
  if (!existsSync(file)) return { store, runId: await findRunId(store, wanted) };
  const other = await storeAt(`sqlite:///${file}`);
  const filter = `tags.\`${SHARD_TAG}\` LIKE '%'`;
  const { items } = await other.runs.searchRuns({ filter, maxResults: 1 });
  const [run] = items;
  if (run !== undefined) return { store: other, runId: run.runId };
  throw new AssayError(
    "not-found",
    `There is no shard in ${wanted}; its run was made without --shard`,
  );
}
