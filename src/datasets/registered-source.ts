import { AssayError, withoutAbsent } from "../core/index.ts";
import type { DatasetRecord, DatasetStore } from "../store/ports/index.ts";
import type { ColumnOptions, RawRow } from "./normalize-row.ts";
import { type AnyReference, findDataset, findVersion } from "./registered-reference.ts";
import { noRows, type RowSource, repeatable } from "./row-source.ts";

/**
 * The rows of one version of a registered dataset: the latest of now, unless the reference names one.
 *
 * @throws {AssayError} `not-found` naming the datasets or versions there are.
 */
export async function registeredSource(
  reference: AnyReference,
  options: ColumnOptions & { readonly datasets?: () => Promise<DatasetStore> },
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
  const read = () => rawRows(store.records(datasetId, { version }), where);
  const source = repeatable(name, read, options);
  return {
    ...source,
    registered: { datasetId, version },
    // Every row was found good when it was merged, so that the first one tells what there is to tell.
    inspect: async () => {
      for await (const first of source.rows()) return { first, rows: rowCount, digest };
      throw noRows(version === 0 ? `The dataset "${name}"` : where);
    },
  };
}

/** Records as rows of a file would be. */
export async function* rawRows(
  records: AsyncIterable<DatasetRecord>,
  where: string,
): AsyncGenerator<RawRow> {
  let number = 0;
  for await (const { id, inputs, expectations, outputs, context, metadata, tags } of records) {
    number += 1;
    const record = { id, inputs, expectations, outputs, context, metadata, tags };
    yield {
      record: withoutAbsent<RawRow["record"]>(record),
      where: `${where} record ${number}`,
    };
  }
}
