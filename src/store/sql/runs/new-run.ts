import type { Transaction } from "kysely";
import {
  AssayError,
  newRunId,
  RUN_STATUSES,
  type Run,
  type RunStatus,
  randomRunName,
  RUN_TAGS as TAGS,
  withoutAbsent,
} from "../../../core/index.ts";
import { checkLength, checkTexts, checkTime, invalidValue, LENGTHS } from "../../limits.ts";
import type { NewRun } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { activeExperiment } from "../experiments/experiment-rows.ts";
import { putTexts, RUN_TAGS } from "../keyed-texts.ts";
import type { Schema } from "../schema.ts";
import { toRun } from "./run-rows.ts";

/** @throws {AssayError} `not-found` for an unknown experiment, `conflict` for a deleted one. */
export async function createRun(context: SqlContext, run: NewRun): Promise<Run> {
  const { engine, clock } = context;
  const { status = "RUNNING", startTime = clock.now() } = run;
  checkStatus(status);
  checkTime(startTime, "start_time");
  const runId = newRunId();
  const tags = tagsOf(context, run);
  return engine.transaction(async (transaction) => {
    const experiment = await activeExperiment(transaction, run.experimentId);
    const row = await insertRun(transaction, {
      run_id: runId,
      experiment_id: experiment.experiment_id,
      name: tags[TAGS.runName] as string,
      status,
      start_time: startTime,
      artifact_uri: `${experiment.artifact_location}/${runId}/artifacts`,
      lifecycle_stage: "active",
    });
    await putTexts(engine, transaction, RUN_TAGS, row.id, tags);
    return toRun(row, { tags });
  });
}

export function checkStatus(status: RunStatus): void {
  if (RUN_STATUSES.includes(status)) return;
  throw invalidValue(status, "status", `Expected one of ${RUN_STATUSES.join(", ")}.`);
}

/** @throws {AssayError} `invalid-argument` for a name that is empty or longer than a tag may be. */
export function checkRunName(name: string): void {
  if (name.trim() === "")
    throw invalidValue(name, "run_name", "Expected a name, got an empty one.");
  checkLength(name, "run_name", LENGTHS.tagValue);
}

function tagsOf({ scrubber }: SqlContext, run: NewRun): { readonly [key: string]: string } {
  const { tags = {}, name, parentRunId, userId } = run;
  const tagged = tags[TAGS.runName];
  if (name && tagged && name !== tagged) {
    throw new AssayError(
      "invalid-argument",
      `Both 'run_name' argument and '${TAGS.runName}' tag are specified, but with different values (run_name='${scrubber.name(name)}', ${TAGS.runName}='${scrubber.name(tagged)}').`,
    );
  }
  const own = withoutAbsent({ [TAGS.user]: userId || undefined });
  const parent = withoutAbsent({ [TAGS.parentRunId]: parentRunId });
  const all = { ...own, ...tags, ...parent, [TAGS.runName]: name || tagged || randomRunName() };
  checkTexts("tags", all, LENGTHS.tagValue);
  return scrubber.texts(all);
}

function insertRun(transaction: Transaction<Schema>, row: NewRunRow) {
  return transaction.insertInto("runs").values(row).returningAll().executeTakeFirstOrThrow();
}

type NewRunRow = Omit<Schema["runs"], "id" | "end_time" | "deleted_time">;
