import { newCommand, storeCommand } from "./support/command.ts";
import { EXIT } from "./support/exit-codes.ts";
import { timestamp } from "./support/format.ts";
import { type Io, line } from "./support/io.ts";
import { withStore } from "./support/open-store.ts";
import { renderTable } from "./support/table.ts";

/** `assay experiments list`. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand("experiments", "Experiments in the tracking store", io);
  storeCommand(command, "list", "newest first").action(
    (flags: { trackingUri?: string; json?: boolean }) =>
      withStore(flags.trackingUri, io, async (store) => {
        const found = await store.experiments.listExperiments();
        if (flags.json) {
          line(io.stdout, JSON.stringify(found, null, 2));
          return;
        }
        const cells = found.map((experiment) => [
          experiment.experimentId,
          experiment.name,
          timestamp(experiment.creationTime),
        ]);
        const columns = ["id", "name", "created"].map((title) => ({ title }));
        for (const row of renderTable(columns, cells, io.stdout.columns)) line(io.stdout, row);
      }),
  );
  await command.parseAsync(argv, { from: "user" });
  return EXIT.ok;
}
