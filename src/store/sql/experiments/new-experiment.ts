import type { Transaction } from "kysely";
import { AssayError, type Experiment } from "../../../core/index.ts";
import { artifactRootUri } from "../../artifacts/index.ts";
import { checkLength, checkTexts, LENGTHS } from "../../limits.ts";
import type { NewExperimentOptions } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { EXPERIMENT_TAGS, putTexts } from "../keyed-texts.ts";
import type { Schema } from "../schema.ts";
import { checkNameIsFree, type ExperimentRow, nameTaken, toExperiment } from "./experiment-rows.ts";

/** The name as it is stored. @throws {AssayError} `invalid-argument` for one that is empty or too long. */
export function experimentName({ scrubber }: SqlContext, given: string): string {
  if (given.trim() === "") {
    throw new AssayError(
      "invalid-argument",
      "Expected a name for the experiment, got an empty one",
    );
  }
  checkLength(given, "name", LENGTHS.experimentName);
  return scrubber.name(given);
}

export async function createExperiment(
  context: SqlContext,
  given: string,
  options: NewExperimentOptions,
): Promise<Experiment> {
  const { engine, scrubber } = context;
  const name = experimentName(context, given);
  const location = options.artifactLocation && checkedLocation(context, options.artifactLocation);
  checkTexts("tags", options.tags ?? {}, LENGTHS.experimentTagValue);
  const tags = scrubber.texts(options.tags ?? {});
  // The location holds the id, which only the insert decides: one transaction writes both.
  return engine.transaction(async (transaction) => {
    await checkNameIsFree(transaction, name);
    const made = await insertExperiment(context, transaction, name);
    const row = await transaction
      .updateTable("experiments")
      .set({ artifact_location: location ?? `${context.artifactRoot}/${made.experiment_id}` })
      .where("experiment_id", "=", made.experiment_id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await putTexts(engine, transaction, EXPERIMENT_TAGS, row.experiment_id, tags);
    return toExperiment(row, tags);
  });
}

async function insertExperiment(
  { clock }: SqlContext,
  transaction: Transaction<Schema>,
  name: string,
): Promise<ExperimentRow> {
  const now = clock.now();
  const values = {
    name,
    artifact_location: "",
    lifecycle_stage: "active",
    creation_time: now,
    last_update_time: now,
  } as const;
  const insert = (row: typeof values & { readonly experiment_id?: number }) =>
    transaction
      .insertInto("experiments")
      .values(row)
      // Another process may take name or id at the same time.
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst();
  const first = name === "Default" ? await insert({ ...values, experiment_id: 0 }) : undefined;
  const made = first ?? (await insert(values));
  if (made === undefined) throw nameTaken(name, false);
  return made;
}

function checkedLocation({ scrubber }: SqlContext, given: string): string {
  const location = artifactRootUri(given);
  if (scrubber.name(location) === location) return location;
  throw new AssayError(
    "invalid-argument",
    "Expected an artifact location without secrets, found what looks like one; give credentials by the environment",
  );
}
