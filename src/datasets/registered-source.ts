import { AssayError, withoutAbsent } from "../core/index.ts";
import type { DatasetRecord, DatasetStore } from "../store/ports/index.ts";
import type { ReadOptions } from "./look-ahead.ts";
import type { RawRows } from "./raw-data.ts";
import type { RawRow } from "./raw-row.ts";
import { type AnyReference, findDataset, findVersion } from "./registered-reference.ts";
import { openRows, type RowSource } from "./row-source.ts";
import { Selection } from "./selection.ts";

/**
 * The rows of one version of a registered dataset: the latest of now, unless the reference names one.
 *
 * @throws {AssayError} `not-found` naming the datasets or versions there are.
 */
export async function registeredSource(
  reference: AnyReference,
  options: ReadOptions & { readonly datasets?: () => Promise<DatasetStore> },
): Promise<RowSource> {
  if (options.datasets === undefined) {
    throw new AssayError(
      "invalid-argument",
      "A registered dataset is in a tracking store: pass that as the option datasets",
    );
  }
  const store = await options.datasets();
  const dataset = await findDataset(store, reference);
  const { version, digest, rowCount } =
    reference.version === undefined
      ? dataset
      : await findVersion(store, dataset, reference.version);
  const { datasetId, name } = dataset;
  const where = `datasets:/${name}@${version}`;
  const raw: RawRows = {
    name: version === 0 ? `The dataset "${name}"` : where,
    access: "stored",
    read: () => rawRows(store.records(datasetId, { version }), where),
  };
  // Every row was found good when it was merged, so that the first one tells what there is to tell.
  const source = openRows(raw, options, 1);
  const { isEverything, limit } = new Selection(options);
  return {
    ...source,
    name,
    registered: { datasetId, version },
    inspect: async (how) => {
      const seen = await source.inspect(isEverything ? {} : how);
      const known = isEverything ? { rows: Math.min(rowCount, limit) } : {};
      // The digest is that of the version, whichever of its rows are selected.
      return { ...seen, ...known, digest };
    },
  };
}

/** How many records make a portion. */
const PORTION = 100;

/** Records as rows of a file would be. */
async function* rawRows(
  records: AsyncIterable<DatasetRecord>,
  where: string,
): AsyncGenerator<RawRow[]> {
  const unit = `${where} record`;
  let number = 0;
  let portion: RawRow[] = [];
  for await (const { id, inputs, expectations, outputs, context, metadata, tags } of records) {
    number += 1;
    const record = { id, inputs, expectations, outputs, context, metadata, tags };
    portion.push({ record: withoutAbsent<RawRow["record"]>(record), unit, number });
    // The first alone: it is all that is looked at before.
    if (number > 1 && portion.length < PORTION) continue;
    yield portion;
    portion = [];
  }
  if (portion.length > 0) yield portion;
}
