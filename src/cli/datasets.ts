import { AssayError, counted, type JsonValue, soleInput, withoutAbsent } from "../core/index.ts";
import {
  findDataset,
  findVersion,
  type MergeRecordsOptions,
  parseDatasetName,
  RegisteredDataset,
  traceRecords,
} from "../datasets/index.ts";
import type { DatasetStore, MergeResult } from "../store/index.ts";
import { keyValue, newCommand, storeCommand, wholeNumber } from "./support/command.ts";
import { EXIT } from "./support/exit-codes.ts";
import { text, timestamp } from "./support/format.ts";
import { type Io, line } from "./support/io.ts";
import { withStore } from "./support/open-store.ts";
import { firstOf, type SearchFlags, searchable } from "./support/search.ts";
import { oneLine, renderTable } from "./support/table.ts";

interface Flags extends SearchFlags {
  readonly trackingUri?: string;
  readonly json?: boolean;
  readonly traces?: string;
  readonly experiment?: string;
  readonly from?: string;
  readonly targets?: string;
  readonly predictions?: string;
  readonly tag?: { readonly [key: string]: string };
  readonly yes?: boolean;
}

/** `assay datasets list | show | create | add | versions | records | delete`. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand("datasets", "Registered datasets in the tracking store", io);
  const sub = (name: string, description: string) => storeCommand(command, name, description);
  const one = (name: string, description: string, argument = "<name>") =>
    sub(name, description).argument(argument, "name of a dataset");
  const versioned = (name: string, description: string) =>
    one(name, `${description}; name@3 is its version 3`, "<name[@version]>");
  searchable(sub("list", "latest made first"), "name LIKE 'support%'").action((flags: Flags) =>
    list(flags, io),
  );
  versioned("show", "one dataset with its version and digest").action(
    (name: string, flags: Flags) => show(name, flags, io),
  );
  one("create", "register a dataset")
    .option("--from <file>", "rows to begin with (.jsonl, .json, .csv, .tsv, .parquet)")
    .option("--targets <column>", "column with the expected answer")
    .option("--predictions <column>", "column with outputs made beforehand")
    .option("--tag <key=value>", "tag of the dataset; repeatable", keyValue)
    .action((name: string, flags: Flags) => create(name, flags, io));
  one("add", "merge rows into it, which makes a version unless nothing is new")
    .argument(
      "[file]",
      "rows (.jsonl, .json, .csv, .tsv, .parquet), or datasets:/name of another one",
    )
    .option("--traces <filter>", "stored traces that match, what was expected of them included")
    .option("--experiment <name>", "of --traces: only those of this experiment")
    .option("--limit <n>", "of --traces: only the newest so many", wholeNumber)
    .option("--targets <column>", "column with the expected answer")
    .option("--predictions <column>", "column with outputs made beforehand")
    .action((name: string, file: string | undefined, flags: Flags) => add(name, file, flags, io));
  one("versions", "its versions, latest first").action((name: string, flags: Flags) =>
    versions(name, flags, io),
  );
  versioned("records", "its records in order")
    .option("--limit <n>", "at most this many", wholeNumber)
    .action((name: string, flags: Flags) => records(name, flags, io));
  one("delete", "remove it with all its versions, for good")
    .option("--yes", "do it")
    .action((name: string, flags: Flags) => remove(name, flags, io));
  await command.parseAsync(argv, { from: "user" });
  return EXIT.ok;
}

async function list(flags: Flags, io: Io): Promise<void> {
  await withStore(flags.trackingUri, io, async ({ datasets }) => {
    const found = await firstOf((query) => datasets.searchDatasets(query), {}, flags, 1_000);
    if (flags.json) {
      printJson(found, io);
      return;
    }
    if (found.length === 0) line(io.stderr, "no datasets");
    const cells = found.map((dataset) => [
      dataset.name,
      dataset.version === 0 ? "" : String(dataset.version),
      String(dataset.rowCount),
      dataset.digest.slice(0, 12),
      timestamp(dataset.lastUpdateTime),
    ]);
    printTable(["name", "version", "rows", "digest", "updated"], cells, io);
  });
}

async function show(wanted: string, flags: Flags, io: Io): Promise<void> {
  await withStore(flags.trackingUri, io, async ({ datasets }) => {
    const dataset = await findOne(datasets, wanted);
    if (flags.json) {
      printJson(dataset, io);
      return;
    }
    const { name, datasetId, version, rowCount, digest, tags, experimentIds } = dataset;
    const made = await datasets.getVersion(datasetId, version);
    const facts: [string, string][] = [
      ["name", name],
      ["id", datasetId],
      ["version", made === undefined ? "none yet" : String(version)],
      ["rows", String(rowCount)],
      ["digest", digest],
      ["made", timestamp((made ?? dataset.toJSON()).createdTime)],
      ...experimentIds.map((id): [string, string] => ["experiment", id]),
      ...Object.entries(tags).map(([key, value]): [string, string] => ["tag", `${key}=${value}`]),
    ];
    for (const [title, fact] of facts) line(io.stdout, `${title.padEnd(11)}${oneLine(fact)}`);
  });
}

async function create(name: string, flags: Flags, io: Io): Promise<void> {
  const { from, tag: tags } = flags;
  await withStore(
    flags.trackingUri,
    io,
    async ({ datasets }) => {
      const made = await datasets.createDataset({ name, ...(tags && { tags }) });
      const dataset = new RegisteredDataset(datasets, made);
      if (from === undefined) {
        if (flags.json) printJson(dataset, io);
        else line(io.stdout, `dataset "${name}" made; add rows with: assay datasets add`);
        return;
      }
      try {
        const merged = await dataset.mergeRecords(from, mergeOptions(flags, io));
        printMerge(dataset, merged, flags, io);
      } catch (error) {
        // As if it had not been made: the same command works once the rows are right.
        await datasets.deleteDataset(made.datasetId);
        throw error;
      }
    },
    { mayBeNew: true },
  );
}

async function add(name: string, file: string | undefined, flags: Flags, io: Io): Promise<void> {
  const { traces, experiment, limit } = flags;
  if ((file === undefined) === (traces === undefined)) {
    throw new AssayError("invalid-argument", "Expected a file of rows, or --traces with a filter");
  }
  await withStore(flags.trackingUri, io, async (store) => {
    const dataset = await find(store.datasets, name);
    const rows =
      traces === undefined
        ? (file as string)
        : traceRecords({ traces, ...withoutAbsent({ experiment, limit }) }, store);
    printMerge(dataset, await dataset.mergeRecords(rows, mergeOptions(flags, io)), flags, io);
  });
}

async function versions(name: string, flags: Flags, io: Io): Promise<void> {
  await withStore(flags.trackingUri, io, async ({ datasets }) => {
    const found = await (await find(datasets, name)).versions();
    if (flags.json) {
      printJson(found, io);
      return;
    }
    if (found.length === 0) line(io.stderr, "no versions");
    const cells = found.map((version) => [
      String(version.version),
      String(version.rowCount),
      version.digest.slice(0, 12),
      timestamp(version.createdTime),
      version.createdBy ?? "",
    ]);
    printTable(["version", "rows", "digest", "created", "by"], cells, io);
  });
}

async function records(wanted: string, flags: Flags, io: Io): Promise<void> {
  await withStore(flags.trackingUri, io, async ({ datasets }) => {
    const dataset = await findOne(datasets, wanted);
    const limit = flags.limit ?? (flags.json ? Number.POSITIVE_INFINITY : 20);
    const cells: string[][] = [];
    let separator = "[\n";
    let count = 0;
    for await (const record of dataset.records()) {
      // Written as they are read: a dataset may have a million records.
      if (flags.json) io.stdout.write(`${separator}${JSON.stringify(record)}`);
      else {
        const { id, inputs, expectations, outputs } = record;
        const expected = expectations.expected_response ?? shownIfAny(expectations);
        cells.push([id ?? "", text(soleInput(inputs)), text(expected), text(outputs)]);
      }
      separator = ",\n";
      count += 1;
      if (count >= limit) break;
    }
    if (flags.json) line(io.stdout, count === 0 ? "[]" : "\n]");
    else {
      if (count === 0) line(io.stderr, "no records");
      printTable(["id", "inputs", "expected", "outputs"], cells, io);
      const left = dataset.rowCount - count;
      if (left > 0) line(io.stderr, `${left} more; --limit shows them`);
    }
  });
}

async function remove(name: string, flags: Flags, io: Io): Promise<void> {
  await withStore(flags.trackingUri, io, async ({ datasets }) => {
    const { datasetId, version, rowCount } = await find(datasets, name);
    if (flags.yes !== true) {
      throw new AssayError(
        "invalid-argument",
        `This removes the dataset "${name}" for good: ${counted(version, "version")}, ${counted(rowCount, "row")} in the latest. Add --yes to do it`,
      );
    }
    await datasets.deleteDataset(datasetId);
    if (flags.json) printJson({ deleted: datasetId }, io);
    else line(io.stderr, `deleted dataset "${name}"`);
  });
}

async function find(datasets: DatasetStore, name: string): Promise<RegisteredDataset> {
  return new RegisteredDataset(datasets, await findDataset(datasets, { name }));
}

/** The dataset `support`, or its version `support@3`. */
async function findOne(datasets: DatasetStore, wanted: string): Promise<RegisteredDataset> {
  const { name, version } = parseDatasetName(wanted);
  if (version === undefined) return find(datasets, name);
  const dataset = await findDataset(datasets, { name });
  return new RegisteredDataset(datasets, dataset, await findVersion(datasets, dataset, version));
}

function mergeOptions({ targets, predictions }: Flags, io: Io): MergeRecordsOptions {
  return withoutAbsent<MergeRecordsOptions>({ targets, predictions, baseDir: io.cwd });
}

function printMerge(
  { datasetId, name }: RegisteredDataset,
  merged: MergeResult,
  flags: Flags,
  io: Io,
): void {
  if (flags.json) {
    printJson({ datasetId, name, ...merged }, io);
    return;
  }
  const { inserted, updated, unchanged, version } = merged;
  line(
    io.stdout,
    `dataset "${name}" version ${version}: ${inserted} inserted, ${updated} updated, ${unchanged} unchanged`,
  );
}

function shownIfAny(value: { readonly [key: string]: JsonValue }): JsonValue | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

function printJson(value: unknown, io: Io): void {
  line(io.stdout, JSON.stringify(value, null, 2));
}

function printTable(titles: readonly string[], cells: readonly string[][], io: Io): void {
  const flexible = new Set(["name", "inputs", "expected", "outputs"]);
  const numeric = new Set(["rows", "version"]);
  const columns = titles.map((title) => ({
    title,
    flexible: flexible.has(title),
    align: numeric.has(title) ? ("right" as const) : ("left" as const),
  }));
  for (const row of renderTable(columns, cells, io.stdout.columns)) line(io.stdout, row);
}
