import { type Experiment, RUN_TAGS, withoutAbsent } from "../core/index.ts";
import type { NewExperimentOptions } from "../store/ports/index.ts";
import { currentExperiment, currentStore } from "./settings.ts";

export interface CreateExperimentOptions extends NewExperimentOptions {
  /** Shown as the experiment's note: the tag `mlflow.note.content`. */
  readonly description?: string;
}

/**
 * Makes an experiment; {@link setExperiment} makes it the current one.
 *
 * @throws {AssayError} `already-exists` if the name is taken, also by a deleted experiment.
 */
export async function createExperiment(
  name: string,
  { description, ...options }: CreateExperimentOptions = {},
): Promise<Experiment> {
  const { experiments } = await currentStore();
  const tags = { ...options.tags, ...withoutAbsent({ [RUN_TAGS.note]: description }) };
  return experiments.createExperiment(name, { ...options, tags });
}

/** Resolves to `undefined` if no such experiment; deleted ones are still returned. */
export async function getExperiment(experimentId: string): Promise<Experiment | undefined> {
  return (await currentStore()).experiments.getExperiment(experimentId);
}

/** Resolves to `undefined` if no such experiment; deleted ones are still returned. */
export async function getExperimentByName(name: string): Promise<Experiment | undefined> {
  return (await currentStore()).experiments.getExperimentByName(name);
}

/** @throws {AssayError} `already-exists` if the name is taken; `conflict` for a deleted experiment. */
export async function renameExperiment(experimentId: string, name: string): Promise<void> {
  await (await currentStore()).experiments.renameExperiment(experimentId, name);
}

/** Puts an experiment and its runs among the deleted ones, from where {@link restoreExperiment} takes them back. */
export async function deleteExperiment(experimentId: string): Promise<void> {
  await (await currentStore()).experiments.deleteExperiment(experimentId);
}

/** Undoes {@link deleteExperiment}; runs that had been deleted before stay deleted. */
export async function restoreExperiment(experimentId: string): Promise<void> {
  await (await currentStore()).experiments.restoreExperiment(experimentId);
}

/** Sets a tag of the current experiment. */
export async function setExperimentTag(key: string, value: string): Promise<void> {
  await setExperimentTags({ [key]: value });
}

/** Sets tags of the current experiment. */
export async function setExperimentTags(tags: { readonly [key: string]: string }): Promise<void> {
  const { experimentId } = await currentExperiment();
  const { experiments } = await currentStore();
  for (const [key, value] of Object.entries(tags)) {
    await experiments.setExperimentTag(experimentId, key, value);
  }
}

/** @throws {AssayError} `not-found` when the current experiment has no such tag. */
export async function deleteExperimentTag(key: string): Promise<void> {
  const { experimentId } = await currentExperiment();
  await (await currentStore()).experiments.deleteExperimentTag(experimentId, key);
}
