import type { Experiment } from "../core/index.ts";
import type { TrackingStore } from "../store/index.ts";
import { newCommand, storeCommand } from "./support/command.ts";
import { EXIT } from "./support/exit-codes.ts";
import { timestamp } from "./support/format.ts";
import { type Io, line } from "./support/io.ts";
import { findExperiment, withStore } from "./support/open-store.ts";
import { firstOf, type SearchFlags, searchable } from "./support/search.ts";
import { renderTable } from "./support/table.ts";

interface Flags extends SearchFlags {
  readonly trackingUri?: string;
  readonly json?: boolean;
  readonly deleted?: boolean;
}

/** `assay experiments list | show | rename | delete | restore`. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand("experiments", "Experiments in the tracking store", io);
  const sub = (name: string, description: string) => storeCommand(command, name, description);
  const one = (name: string, description: string) =>
    sub(name, description).argument("<experiment>", "name or id of an experiment");
  searchable(sub("list", "newest first"), "name LIKE 'support%'")
    .option("--deleted", "deleted experiments instead")
    .action((flags: Flags) => list(flags, io));
  one("show", "one experiment with its tags and the number of its runs").action(
    (wanted: string, flags: Flags) => show(wanted, flags, io),
  );
  one("rename", "give it another name")
    .argument("<name>", "the new name")
    .action((wanted: string, name: string, flags: Flags) =>
      change(wanted, flags, io, `renamed to "${name}"`, (store, id) =>
        store.experiments.renameExperiment(id, name),
      ),
    );
  one("delete", "hide it with its runs; the data stays until assay gc").action(
    (wanted: string, flags: Flags) =>
      change(wanted, flags, io, "deleted", (store, id) => store.experiments.deleteExperiment(id)),
  );
  one("restore", "bring it back with the runs that were deleted with it").action(
    (wanted: string, flags: Flags) =>
      change(wanted, flags, io, "restored", (store, id) => store.experiments.restoreExperiment(id)),
  );
  await command.parseAsync(argv, { from: "user" });
  return EXIT.ok;
}

async function list(flags: Flags, io: Io): Promise<void> {
  await withStore(flags.trackingUri, io, async (store) => {
    const found = await firstOf(
      (query) => store.experiments.searchExperiments(query),
      flags.deleted ? { lifecycle: "deleted" } : {},
      flags,
      1_000,
    );
    if (flags.json) {
      line(io.stdout, JSON.stringify(found, null, 2));
      return;
    }
    if (found.length === 0) line(io.stderr, "no experiments");
    const cells = found.map((experiment) => [
      experiment.experimentId,
      experiment.name,
      timestamp(experiment.creationTime),
    ]);
    const columns = ["id", "name", "created"].map((title) => ({ title }));
    for (const row of renderTable(columns, cells, io.stdout.columns)) line(io.stdout, row);
  });
}

async function show(wanted: string, flags: Flags, io: Io): Promise<void> {
  await withStore(flags.trackingUri, io, async (store) => {
    const experiment = await findExperiment(store, wanted);
    const runs = await store.runs.countRuns({ experimentIds: [experiment.experimentId] });
    if (flags.json) {
      line(io.stdout, JSON.stringify({ ...experiment, runs }, null, 2));
      return;
    }
    const facts: [string, string][] = [
      ["id", experiment.experimentId],
      ["name", experiment.name],
      ["state", experiment.lifecycleStage],
      ["created", timestamp(experiment.creationTime)],
      ["updated", timestamp(experiment.lastUpdateTime)],
      ["runs", String(runs)],
      ["artifacts", experiment.artifactLocation],
      ...tagsOf(experiment),
    ];
    for (const [name, value] of facts) line(io.stdout, `${name.padEnd(10)}${value}`);
  });
}

function tagsOf({ tags }: Experiment): [string, string][] {
  return Object.entries(tags).map(([key, value]) => ["tag", `${key}=${value}`]);
}

async function change(
  wanted: string,
  flags: Flags,
  io: Io,
  done: string,
  apply: (store: TrackingStore, experimentId: string) => Promise<void>,
): Promise<void> {
  await withStore(flags.trackingUri, io, async (store) => {
    const { experimentId, name } = await findExperiment(store, wanted);
    await apply(store, experimentId);
    if (flags.json) {
      const changed = await store.experiments.getExperiment(experimentId);
      line(io.stdout, JSON.stringify(changed, null, 2));
    } else line(io.stdout, `experiment ${experimentId} "${name}" ${done}`);
  });
}
