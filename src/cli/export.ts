import { resolve } from "node:path";
import { exportExperiment } from "../store/index.ts";
import { newCommand } from "./support/command.ts";
import { EXIT } from "./support/exit-codes.ts";
import { type Io, line } from "./support/io.ts";
import { findExperiment, withStore } from "./support/open-store.ts";

interface Flags {
  readonly trackingUri?: string;
  readonly json?: boolean;
}

/** `assay export <experiment> <folder>`. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand(
    "export",
    "Writes an experiment with its runs, results, traces, datasets and files to a folder",
    io,
  )
    .argument("<experiment>", "name or id of the experiment")
    .argument("<folder>", "new or empty folder")
    .option("--tracking-uri <uri>", "tracking store, e.g. sqlite:///assay.db")
    .option("--json", "print JSON")
    .action((experiment: string, folder: string, flags: Flags) =>
      exportTo(experiment, folder, flags, io),
    );
  await command.parseAsync(argv, { from: "user" });
  return EXIT.ok;
}

async function exportTo(wanted: string, folder: string, flags: Flags, io: Io): Promise<void> {
  await withStore(flags.trackingUri, io, async (store) => {
    const { experimentId } = await findExperiment(store, wanted);
    const manifest = await exportExperiment(store, experimentId, resolve(io.cwd, folder));
    const count = (name: string) => manifest.rows.find(({ table }) => table === name)?.count ?? 0;
    const report = {
      experiment: manifest.experiment.name,
      folder,
      datasets: count("datasets"),
      runs: count("runs"),
      results: count("results"),
      traces: count("traces"),
      files: manifest.files.count,
    };
    if (flags.json) {
      line(io.stdout, JSON.stringify(report, null, 2));
      return;
    }
    const { datasets, runs, results, traces, files } = report;
    const named = datasets === 0 ? "" : `${datasets} registered datasets, `;
    line(
      io.stdout,
      `exported "${report.experiment}" to ${folder}: ${runs} runs, ${results} results, ${traces} traces, ${named}${files} files`,
    );
  });
}
