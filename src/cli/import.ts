import { resolve } from "node:path";
import { importExperiment, resolveTrackingUri } from "../store/index.ts";
import { readManifest } from "../store/transfer/read-manifest.ts";
import { closeStores, storeAt } from "../tracking/index.ts";
import { newCommand } from "./support/command.ts";
import { loadConfig } from "./support/config.ts";
import { EXIT } from "./support/exit-codes.ts";
import { type Io, line } from "./support/io.ts";

interface Flags {
  readonly trackingUri?: string;
  readonly experiment?: string;
  readonly withoutDatasets?: boolean;
  readonly json?: boolean;
}

/** `assay import <folder>`; makes the store when it is not there. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand("import", "Reads an experiment that assay export wrote", io)
    .argument("<folder>", "the exported folder")
    .option("--experiment <name>", "name of the new experiment; its old one by default")
    .option("--without-datasets", "leave out the registered datasets that its runs name")
    .option("--tracking-uri <uri>", "tracking store, e.g. sqlite:///assay.db")
    .option("--json", "print JSON")
    .action((folder: string, flags: Flags) => importFrom(folder, flags, io));
  await command.parseAsync(argv, { from: "user" });
  return EXIT.ok;
}

async function importFrom(folder: string, flags: Flags, io: Io): Promise<void> {
  const source = resolve(io.cwd, folder);
  // First: for a folder that is none, no store is made.
  await readManifest(source);
  const config = await loadConfig(io.cwd);
  const uri = resolveTrackingUri(flags.trackingUri, io.env, config.trackingUri);
  try {
    const store = await storeAt(uri);
    const experiment = await importExperiment(store, source, {
      ...(flags.experiment !== undefined && { name: flags.experiment }),
      ...(flags.withoutDatasets && { withoutDatasets: true }),
    });
    if (flags.json) line(io.stdout, JSON.stringify(experiment, null, 2));
    else line(io.stdout, `imported "${experiment.name}" as experiment ${experiment.experimentId}`);
  } finally {
    await closeStores();
  }
}
