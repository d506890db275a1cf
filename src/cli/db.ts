import { resolveTrackingUri, schemaState, storeName, upgradeSchema } from "../store/index.ts";
import { newCommand, storeCommand } from "./support/command.ts";
import { loadConfig } from "./support/config.ts";
import { EXIT } from "./support/exit-codes.ts";
import { type Io, line } from "./support/io.ts";

interface Flags {
  readonly trackingUri?: string;
  readonly json?: boolean;
}

/** `assay db status | upgrade`. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand("db", "The database of the tracking store", io);
  storeCommand(command, "status", "its schema version; changes nothing").action((flags: Flags) =>
    status(flags, io),
  );
  storeCommand(command, "upgrade", "brings its schema to this version of Assay").action(
    (flags: Flags) => upgrade(flags, io),
  );
  await command.parseAsync(argv, { from: "user" });
  return EXIT.ok;
}

async function status(flags: Flags, io: Io): Promise<void> {
  const uri = await wantedUri(flags, io);
  const { version, latest } = await schemaState(uri);
  const state = version === latest ? "current" : version === 0 ? "empty" : "older";
  if (flags.json) {
    line(io.stdout, JSON.stringify({ uri: storeName(uri), version, latest, state }, null, 2));
    return;
  }
  const advice = {
    current: "up to date",
    empty: "empty; it is set up when it is first used",
    older: `this Assay needs ${latest}; run: assay db upgrade`,
  }[state];
  line(io.stdout, `${storeName(uri)}: schema version ${version}, ${advice}`);
}

async function upgrade(flags: Flags, io: Io): Promise<void> {
  const uri = await wantedUri(flags, io);
  const { version, latest } = await upgradeSchema(uri);
  if (flags.json) {
    const report = { uri: storeName(uri), from: version, to: latest };
    line(io.stdout, JSON.stringify(report, null, 2));
    return;
  }
  const done =
    version === latest
      ? `schema version ${version} already, nothing to do`
      : `schema version ${version} is now ${latest}`;
  line(io.stdout, `${storeName(uri)}: ${done}`);
}

async function wantedUri({ trackingUri }: Flags, io: Io): Promise<string> {
  const config = await loadConfig(io.cwd);
  return resolveTrackingUri(trackingUri, io.env, config.trackingUri);
}
