import { collectGarbage, maintenanceOf } from "../store/index.ts";
import { age, newCommand } from "./support/command.ts";
import { EXIT } from "./support/exit-codes.ts";
import { type Io, line } from "./support/io.ts";
import { withStore } from "./support/open-store.ts";
import { oneLine } from "./support/table.ts";

interface Flags {
  readonly trackingUri?: string;
  readonly json?: boolean;
  readonly olderThan?: number;
  readonly dryRun?: boolean;
}

/** `assay gc`: removes for good what was deleted. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand(
    "gc",
    "Removes for good the experiments, runs and logged models that were deleted, with their files",
    io,
  )
    .option("--older-than <age>", "only what was deleted so long ago, e.g. 30d or 12h", age)
    .option("--dry-run", "says what would be removed and removes nothing")
    .option("--tracking-uri <uri>", "tracking store, e.g. sqlite:///assay.db")
    .option("--json", "print JSON")
    .action((flags: Flags) => collect(flags, io));
  await command.parseAsync(argv, { from: "user" });
  return EXIT.ok;
}

async function collect(flags: Flags, io: Io): Promise<void> {
  await withStore(flags.trackingUri, io, async (store) => {
    const { olderThan } = flags;
    const before = olderThan === undefined ? Number.MAX_SAFE_INTEGER : Date.now() - olderThan;
    const removed = flags.dryRun
      ? await maintenanceOf(store).listDeleted(before)
      : await collectGarbage(store, before);
    if (flags.json) {
      line(io.stdout, JSON.stringify(removed, null, 2));
      return;
    }
    const verb = flags.dryRun ? "would remove" : "removed";
    for (const [noun, entities] of Object.entries(removed)) {
      for (const { id, name } of entities) {
        line(io.stdout, `${verb} ${noun.replace(/s$/, "")} ${id}  ${oneLine(name)}`);
      }
    }
    if (Object.values(removed).every((entities) => entities.length === 0)) {
      line(io.stderr, "nothing to remove");
    }
  });
}
