import pg from "pg";
import { afterAll, inject } from "vitest";

const postgres = inject("postgres");

/** Why tests on PostgreSQL cannot run; absent when they can. */
export const noPostgres = "missing" in postgres ? postgres.missing : undefined;

const made: string[] = [];

/**
 * The URI of a new database on the tests' server, dropped behind the file that asked for it.
 *
 * @param template - URI of a database to copy; an empty one is made without.
 */
export async function newDatabase(template?: string): Promise<string> {
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  const copied = template === undefined ? "template1" : new URL(template).pathname.slice(1);
  await onServer(`create database ${name} template ${copied}`);
  made.push(name);
  const uri = new URL(serverUri());
  uri.pathname = name;
  return uri.href;
}

export function serverUri(): string {
  if ("missing" in postgres) throw new Error(postgres.missing);
  return postgres.uri;
}

/** Runs a statement in the database at `uri`, the server's own by default. */
export async function onServer(statement: string, uri = serverUri()): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: uri });
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}

// A suite makes hundreds of databases, and the server writes its caches out for each that goes.
const DROP_TIMEOUT_MS = 120_000;

afterAll(async () => {
  for (const name of made.splice(0)) await onServer(`drop database if exists ${name} with (force)`);
}, DROP_TIMEOUT_MS);
