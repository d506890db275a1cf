import type { ResponseCache } from "../../../core/index.ts";
import type { CacheOptions, ResponseStore } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { insertRows } from "../engine.ts";

const DAY_MS = 86_400_000;
const DEFAULT_TTL_MS = 30 * DAY_MS;

const INSERT = {
  table: "cached_responses",
  columns: { key: "text", response: "text", created_time: "integer" },
  ending:
    "on conflict (key) do update set response = excluded.response, created_time = excluded.created_time",
} as const;

interface Entry {
  readonly key: string;
  readonly response: string;
}

export class SqlResponseStore implements ResponseStore {
  readonly #context: SqlContext;
  readonly #write: (entries: readonly Entry[]) => Promise<undefined[]>;

  constructor(context: SqlContext) {
    this.#context = context;
    this.#write = context.commits.channel<Entry, undefined>({
      apply: async (transaction, entries) => {
        // One statement may not write a row twice; the last of equal keys stays.
        const latest = new Map(entries.map(({ key, response }) => [key, response]));
        const created = context.clock.now();
        const rows = [...latest].map(([key, response]) => [key, response, created]);
        await insertRows(context.engine, transaction, INSERT, rows);
        return entries.map(() => undefined);
      },
      sizeOf: ({ response }) => response.length,
    });
  }

  cache({ ttlMs = DEFAULT_TTL_MS }: CacheOptions = {}): ResponseCache {
    const { engine, clock, scrubber } = this.#context;
    return {
      get: async (key) => {
        const row = await engine.reads
          .selectFrom("cached_responses")
          .select("response")
          .where("key", "=", key)
          .where("created_time", ">", clock.now() - ttlMs)
          .executeTakeFirst();
        return row?.response;
      },
      set: async (key, response) => {
        // Without its secrets it would be another answer than the one that was given.
        if (scrubber.text(response) !== response) return;
        await this.#write([{ key, response }]);
      },
    };
  }

  async clear({ ttlMs = 0 }: CacheOptions = {}): Promise<number> {
    const { engine, clock } = this.#context;
    const { numDeletedRows } = await engine.transaction((transaction) =>
      transaction
        .deleteFrom("cached_responses")
        .where("created_time", "<=", clock.now() - ttlMs)
        .executeTakeFirstOrThrow(),
    );
    return Number(numDeletedRows);
  }
}
