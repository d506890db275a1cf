import { AssayError } from "../core/index.ts";
import type { Dataset, DatasetRecord, DatasetStore, DatasetVersion } from "../store/ports/index.ts";

/** A registered dataset as data: {@link RegisteredDataset}, or what has the same members. */
export interface DatasetReference {
  readonly datasetId: string;
  readonly name: string;
  /** The one version that is meant; absent for whatever is the latest. */
  readonly pinnedVersion?: number | undefined;
  records(): AsyncIterable<DatasetRecord>;
}

/** A dataset by its name, and one of its versions. */
export interface NamedDataset {
  readonly name: string;
  readonly version?: number;
}

/** What identifies a registered dataset to those who read it: its id, if there is one, or else its name. */
export interface AnyReference extends Partial<NamedDataset> {
  readonly datasetId?: string;
}

const SCHEME = "datasets:/";

/** How many names a message lists. */
const NAMES_SHOWN = 10;

/** The registered dataset that `data` means: `datasets:/support`, `datasets:/support@3`, or an object. */
export function referenceOf(data: unknown): AnyReference | undefined {
  if (typeof data === "string") {
    return data.startsWith(SCHEME) ? parseDatasetName(data.slice(SCHEME.length)) : undefined;
  }
  if (!isReference(data)) return undefined;
  const { datasetId, name, pinnedVersion: version } = data;
  return { datasetId, name, ...(version !== undefined && { version }) };
}

export function isReference(data: unknown): data is DatasetReference {
  return (
    typeof data === "object" &&
    data !== null &&
    "datasetId" in data &&
    typeof data.datasetId === "string" &&
    "records" in data &&
    typeof data.records === "function"
  );
}

/** `support` or `support@3`. */
export function parseDatasetName(text: string): NamedDataset {
  const [, name, version] = /^(.*)@(\d+)$/s.exec(text) ?? [];
  return name === undefined ? { name: text } : { name, version: Number(version) };
}

/** @throws {AssayError} `not-found` naming the datasets there are. */
export async function findDataset(
  store: DatasetStore,
  { datasetId, name }: AnyReference,
): Promise<Dataset> {
  const found = await (datasetId === undefined
    ? store.getDatasetByName(name ?? "")
    : store.getDataset(datasetId));
  if (found !== undefined) return found;
  const names = (await store.listDatasets()).map((dataset) => dataset.name);
  const shown = names.slice(0, NAMES_SHOWN).join(", ");
  const more = names.length > NAMES_SHOWN ? `, and ${names.length - NAMES_SHOWN} more` : "";
  const wanted = datasetId === undefined ? `named "${name}"` : `with the id ${datasetId}`;
  throw new AssayError(
    "not-found",
    `No dataset ${wanted} is in this tracking store. ${names.length === 0 ? "There is none yet" : `There are: ${shown}${more}`}`,
  );
}

/** @throws {AssayError} `not-found` naming those there are. */
export async function findVersion(
  store: DatasetStore,
  dataset: Dataset,
  wanted: number,
): Promise<DatasetVersion> {
  const found = await store.getVersion(dataset.datasetId, wanted);
  if (found !== undefined) return found;
  const known =
    dataset.version === 0
      ? "nothing was merged into it yet"
      : `it has ${dataset.version === 1 ? "version 1" : `versions 1 to ${dataset.version}`}`;
  throw new AssayError(
    "not-found",
    `The dataset "${dataset.name}" has no version ${wanted}; ${known}`,
  );
}
