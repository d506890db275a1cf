import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { TestProject } from "vitest/node";

/** A PostgreSQL server for the tests, or why there is none. */
export type TestPostgres =
  | { readonly uri: string; readonly binaries?: string }
  | { readonly missing: string };

declare module "vitest" {
  interface ProvidedContext {
    postgres: TestPostgres;
  }
}

/**
 * Gives the tests the server named by ASSAY_TEST_POSTGRES, else starts one of its own from Debian's
 * packages on a free port. Without either the tests that need one skip and say why.
 */
export default async function setup(
  project: TestProject,
): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.ASSAY_TEST_POSTGRES;
  if (given) {
    project.provide("postgres", { uri: given });
    return undefined;
  }
  const binaries = findBinaries();
  if (binaries === undefined) {
    const missing =
      "no PostgreSQL server: neither ASSAY_TEST_POSTGRES nor /usr/lib/postgresql/*/bin is there";
    project.provide("postgres", { missing });
    process.stderr.write(`tests on PostgreSQL are skipped: ${missing}\n`);
    return undefined;
  }
  const { uri, stop } = await startPostgres(binaries);
  project.provide("postgres", { uri, binaries });
  return stop;
}

export function findBinaries(): string | undefined {
  const root = "/usr/lib/postgresql";
  if (!existsSync(root)) return undefined;
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return versions
    .map((version) => join(root, version, "bin"))
    .find((folder) => existsSync(join(folder, "initdb")));
}

export interface PostgresServer {
  readonly uri: string;
  readonly port: number;
  /** Resolves when the server has ended and its folder is gone. */
  stop(): Promise<void>;
}

/** A new, empty server on a free port of this machine that forgets its data when it is stopped. */
export async function startPostgres(binaries: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "assay-postgres-"));
  const owner = ownerOfServer();
  const password = randomBytes(12).toString("hex");
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password);
  if (owner) for (const path of [folder, passwordFile]) chownSync(path, owner.uid, owner.gid);
  const data = join(folder, "data");
  execFileSync(
    join(binaries, "initdb"),
    // The C locale knows ASCII only: what is right with it is right with any.
    [
      `--pgdata=${data}`,
      `--pwfile=${passwordFile}`,
      "--username=assay",
      "--auth=scram-sha-256",
    ].concat(["--encoding=UTF8", "--locale=C", "--no-sync"]),
    { stdio: "ignore", ...owner },
  );
  const port = await freePort();
  // fsync is for power cuts, which no test makes.
  const settings = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "max_connections=200",
  ];
  const server = spawn(
    join(binaries, "postgres"),
    ["-D", data, "-k", folder, ...settings.flatMap((setting) => ["-c", setting])],
    { stdio: ["ignore", "ignore", "pipe"], ...owner },
  );
  await untilReady(server.stderr);
  server.stderr.resume();
  return {
    uri: `postgresql://assay:${password}@127.0.0.1:${port}/postgres`,
    port,
    stop: async () => {
      // Its children write into the folder until it has ended.
      if (server.exitCode === null && server.signalCode === null) {
        const ended = once(server, "exit");
        server.kill("SIGQUIT");
        await ended;
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** The server refuses to run as root. */
function ownerOfServer(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No port");
  return address.port;
}

async function untilReady(log: Readable): Promise<void> {
  let said = "";
  for await (const chunk of log.iterator({ destroyOnReturn: false })) {
    said += chunk;
    if (said.includes("ready to accept connections")) return;
  }
  throw new Error(`PostgreSQL did not start: ${said}`);
}
