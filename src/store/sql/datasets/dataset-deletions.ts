import { setImmediate as nextTurn } from "node:timers/promises";
import { sql } from "kysely";
import type { SqlEngine } from "../engine.ts";
import type { VersionDraft } from "./dataset-draft.ts";
import { closeLines } from "./dataset-merge.ts";

/** Records per transaction. */
const CHUNK = 500;

/** Takes records out of a draft, a chunk at a time; resolves to how many there were. */
export async function deleteRecordsFrom(
  draft: VersionDraft,
  engine: SqlEngine,
  recordIds: readonly string[],
): Promise<number> {
  const wanted = [...new Set(recordIds)];
  let deleted = 0;
  for (let start = 0; start < wanted.length; start += CHUNK) {
    const ids = wanted.slice(start, start + CHUNK);
    deleted += await draft.change(async (transaction) => {
      const rows = await transaction
        .selectFrom("dataset_records")
        .select("id")
        .where("dataset", "=", draft.dataset)
        .where("until_version", "is", null)
        .where(engine.expressions.isAmong(sql.ref("record_id"), ids))
        .execute();
      await closeLines(engine, transaction, draft.version, rows);
      return rows.length;
    });
    await nextTurn();
  }
  return deleted;
}
