import { AssayError, withoutAbsent } from "../core/index.ts";
import {
  type AnyReference,
  findDataset,
  findVersion,
  RegisteredDataset,
} from "../datasets/index.ts";
import type { NewDataset, SearchQuery } from "../store/ports/index.ts";
import { allPages, queryOf, type SearchOptions } from "./search.ts";
import { currentStore } from "./settings.ts";

/** A registered dataset by its name or its id. */
export type DatasetKey =
  | { readonly name: string; readonly datasetId?: never }
  | { readonly datasetId: string; readonly name?: never };

export type GetDatasetOptions = DatasetKey & {
  /** Stands for this version alone, which never changes; without it the object follows the latest one. */
  readonly version?: number;
};

export interface SearchDatasetsOptions extends SearchOptions {
  /** Those that any of these experiments uses; all when absent. */
  readonly experimentIds?: readonly string[];
}

/**
 * Registers a dataset, empty at first.
 *
 * @throws {AssayError} `already-exists` when the name is taken, `not-found` for an unknown experiment,
 *   `invalid-argument` for a name or tag that cannot be used.
 */
export async function createDataset(dataset: NewDataset): Promise<RegisteredDataset> {
  const { datasets } = await currentStore();
  return new RegisteredDataset(datasets, await datasets.createDataset(dataset));
}

/** @throws {AssayError} `not-found` naming the datasets, or the versions, there are. */
export async function getDataset(options: GetDatasetOptions): Promise<RegisteredDataset> {
  const { datasets } = await currentStore();
  const dataset = await findDataset(datasets, referenceTo(options));
  if (options.version === undefined) return new RegisteredDataset(datasets, dataset);
  const version = await findVersion(datasets, dataset, options.version);
  return new RegisteredDataset(datasets, dataset, version);
}

/** Removes a dataset with all its versions; what evaluations recorded of it stays. @throws {AssayError} `not-found`. */
export async function deleteDataset(key: DatasetKey): Promise<void> {
  const { datasets } = await currentStore();
  const { datasetId } = await findDataset(datasets, referenceTo(key));
  await datasets.deleteDataset(datasetId);
}

/** @throws {AssayError} `invalid-argument` for a filter or an order that cannot be read. */
export async function searchDatasets(
  options: SearchDatasetsOptions = {},
): Promise<RegisteredDataset[]> {
  const { datasets } = await currentStore();
  const { experimentIds } = options;
  const query: SearchQuery = { ...queryOf(options), ...(experimentIds && { experimentIds }) };
  const found = await allPages((page) => datasets.searchDatasets(page), query, options.maxResults);
  return found.map((dataset) => new RegisteredDataset(datasets, dataset));
}

/** `null` deletes a tag. */
export async function setDatasetTags(options: {
  readonly datasetId: string;
  readonly tags: { readonly [key: string]: string | null };
}): Promise<void> {
  const { datasets } = await currentStore();
  await datasets.setDatasetTags(options.datasetId, options.tags);
}

export async function deleteDatasetTag(options: {
  readonly datasetId: string;
  readonly key: string;
}): Promise<void> {
  await setDatasetTags({ datasetId: options.datasetId, tags: { [options.key]: null } });
}

export interface DatasetExperiments {
  readonly datasetId: string;
  readonly experimentIds: readonly string[];
}

/** @throws {AssayError} `not-found` for an unknown dataset or experiment. */
export async function addDatasetToExperiments(
  options: DatasetExperiments,
): Promise<RegisteredDataset> {
  const { datasets } = await currentStore();
  const changed = await datasets.addToExperiments(options.datasetId, options.experimentIds);
  return new RegisteredDataset(datasets, changed);
}

export async function removeDatasetFromExperiments(
  options: DatasetExperiments,
): Promise<RegisteredDataset> {
  const { datasets } = await currentStore();
  const changed = await datasets.removeFromExperiments(options.datasetId, options.experimentIds);
  return new RegisteredDataset(datasets, changed);
}

function referenceTo({ name, datasetId }: DatasetKey): AnyReference {
  if ((name === undefined) === (datasetId === undefined)) {
    throw new AssayError("invalid-argument", "Expected either the name or the datasetId");
  }
  return withoutAbsent<AnyReference>({ name, datasetId });
}
