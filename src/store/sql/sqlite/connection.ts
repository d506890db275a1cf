import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import Database from "better-sqlite3";
import { AssayError } from "../../../core/index.ts";
import { foldCase, patternMatcher } from "../../search/index.ts";
import { isBusy, toAssayError } from "./errors.ts";
import { OpenFile } from "./open-file.ts";

const LOCK_DEADLINE_MS = 30_000;

/** For so long after a lock was waited for in vain it is taken to be held still. */
const STILL_LOCKED_MS = 1_000;

const LONGEST_TURN_MS = 5;

/** Prepared statements kept for their next use. */
const MOST_STATEMENTS = 1_000;

/**
 * One SQLite file, opened for this process.
 *
 * The driver's own `busy_timeout` would block the event loop of a traced application, so it is 0 and
 * waiting for another process's lock happens here, asynchronously.
 */
export class SqliteConnection {
  readonly database: Database.Database;
  readonly path: string;
  /** What messages call it. */
  readonly name: string;
  readonly #statements = new Map<string, Database.Statement<unknown[]>>();
  #gaveUpAt = Number.NEGATIVE_INFINITY;
  #file: OpenFile | undefined;
  /** When the first transaction of this turn of the event loop began. */
  #turnBegan: number | undefined;

  /** @throws {AssayError} `store-unavailable` when the file or its folder cannot be made or opened. */
  constructor(path: string, name = path, { readonly = false } = {}) {
    this.path = path;
    this.name = name;
    if (path !== ":memory:" && !readonly) makeFolder(dirname(path), name);
    try {
      this.database = new Database(path, { timeout: 0, readonly });
    } catch (cause) {
      const message = `Cannot open the tracking store at ${name}. Check the path, and the rights of the file and its folder.`;
      throw new AssayError("store-unavailable", message, { cause });
    }
  }

  /** Settings that write to the file: called once the database is known to be ours. */
  async configure(): Promise<void> {
    await this.whenUnlocked(() => this.database.pragma("journal_mode = WAL"));
    // Now it is there: a new one is made when it is first written to.
    if (this.path !== ":memory:") this.#file = new OpenFile(this.path, this.name);
    // An acknowledged write survives the death of the process; only a power cut may take the last ones.
    this.database.pragma("synchronous = NORMAL");
    this.database.pragma("foreign_keys = ON");
    // As in PostgreSQL; SQLite ignores case by default.
    this.database.pragma("case_sensitive_like = ON");
    this.database.function("assay_fold", { deterministic: true }, foldOrNull);
    this.database.function("regexp", { deterministic: true }, matches);
  }

  /** Runs one statement, prepared once per SQL text. Rows are returned for statements that yield any. */
  async execute(sql: string, parameters: readonly unknown[]): Promise<StatementResult> {
    return this.whenUnlocked(() => this.#run(sql, parameters));
  }

  async begin(): Promise<void> {
    await this.#turn();
    // IMMEDIATE: a deferred transaction that later wants to write cannot wait, it can only fail.
    await this.whenUnlocked(() => {
      // A microsecond of every transaction.
      this.#file?.check();
      this.database.exec("BEGIN IMMEDIATE");
    });
  }

  /** Runs `work` in one transaction without yielding to the event loop. */
  async transaction(work: () => void): Promise<void> {
    await this.begin();
    try {
      work();
      this.database.exec("COMMIT");
    } catch (error) {
      if (this.database.inTransaction) this.database.exec("ROLLBACK");
      throw toAssayError(error, this.name);
    }
  }

  /**
   * Runs `work`, again and again while another process holds a lock that it needs.
   *
   * @throws {AssayError} `store-unavailable` after 30 s of waiting, `conflict` once the store is closed.
   */
  async whenUnlocked<T>(work: () => T): Promise<T> {
    if (!this.database.open) {
      throw new AssayError("conflict", `The tracking store at ${this.name} is closed`);
    }
    const deadline = performance.now() + this.#patienceMs();
    for (let attempt = 0; ; attempt++) {
      try {
        return work();
      } catch (error) {
        if (!isBusy(error)) throw toAssayError(error, this.name);
        if (performance.now() > deadline) {
          this.#gaveUpAt = performance.now();
          throw new AssayError(
            "store-unavailable",
            `Another process has held the lock on ${this.name} for ${LOCK_DEADLINE_MS / 1000} s; stop it or use another store`,
            { cause: error },
          );
        }
        await delay(Math.random() * Math.min(50, 2 ** attempt));
      }
    }
  }

  /**
   * Lets the event loop turn where this turn of it has lasted: hundreds of transactions may have waited for
   * one lock, and go one after the other once it is given back.
   */
  async #turn(): Promise<void> {
    const now = performance.now();
    if (this.#turnBegan === undefined) {
      this.#turnBegan = now;
      setImmediate(() => {
        this.#turnBegan = undefined;
      });
    } else if (now - this.#turnBegan > LONGEST_TURN_MS) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Short once somebody has waited in vain: those who queued behind do not wait as long again. */
  #patienceMs(): number {
    const isStillLocked = performance.now() - this.#gaveUpAt < STILL_LOCKED_MS;
    return isStillLocked ? 0 : LOCK_DEADLINE_MS;
  }

  close(): void {
    this.#statements.clear();
    this.database.close();
  }

  #run(sql: string, parameters: readonly unknown[]): StatementResult {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      // Filters of users make ever new texts.
      if (this.#statements.size >= MOST_STATEMENTS) this.#statements.clear();
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    if (statement.reader) return { rows: statement.all(...parameters), changes: 0, insertId: 0n };
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { rows: [], changes, insertId: BigInt(lastInsertRowid) };
  }
}

export interface StatementResult {
  readonly rows: unknown[];
  readonly changes: number;
  readonly insertId: bigint;
}

function foldOrNull(text: unknown): unknown {
  return typeof text === "string" ? foldCase(text) : text;
}

const patterns = new Map<string, (text: string) => boolean>();

/** `text REGEXP pattern`: SQLite hands over the pattern first. */
function matches(pattern: unknown, text: unknown): number | null {
  if (typeof text !== "string" || typeof pattern !== "string") return null;
  let matcher = patterns.get(pattern);
  if (matcher === undefined) {
    if (patterns.size > 100) patterns.clear();
    matcher = patternMatcher(pattern);
    patterns.set(pattern, matcher);
  }
  return matcher(text) ? 1 : 0;
}

function makeFolder(folder: string, name: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new AssayError(
      "store-unavailable",
      `Cannot create the folder ${folder} for the tracking store ${name}`,
      {
        cause,
      },
    );
  }
}
