import type { ExportedRow } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { removeDataset } from "../datasets/dataset-removal.ts";
import { damaged } from "./damaged.ts";
import type { DatasetTable } from "./dataset-tables.ts";
import type { GivenDataset } from "./given-dataset.ts";
import { VersionImport } from "./import-versions.ts";

type Values = ExportedRow["row"];

/**
 * Brings the registered datasets of an export into the store, version by version. One that is there gets
 * the versions that it lacks; what it has must be the same.
 *
 * Unlike the experiment they are seen at once: they may belong to others, and each version is whole.
 */
export class DatasetImport {
  readonly #context: SqlContext;
  readonly #experiment: number;
  /** By their places in the export. */
  readonly #given: GivenDataset[] = [];
  readonly #made: string[] = [];
  readonly #numbers = new Map<number, number>();
  /** The place of the one that is being written. */
  #place = 0;
  #versions: VersionImport | undefined;

  constructor(context: SqlContext, experiment: number) {
    this.#context = context;
    this.#experiment = experiment;
  }

  async write(table: DatasetTable, rows: readonly ExportedRow[]): Promise<void> {
    switch (table) {
      case "datasets":
        for (const { row } of rows) this.#given.push({ row, tags: {}, versions: [] });
        return;
      case "dataset_tags":
        for (const { row, source } of rows) {
          this.#at(row.dataset, source).tags[String(row.key)] = String(row.value);
        }
        return;
      case "dataset_versions":
        for (const { row, source } of rows) addVersion(this.#at(row.dataset, source), row, source);
        return;
      case "dataset_records":
        for (const [place, own] of Map.groupBy(rows, ({ row }) => Number(row.dataset))) {
          this.#at(place, own[0]?.source);
          await this.#goTo(place);
          await this.#versions?.write(own);
        }
        return;
      case "dataset_experiments":
        await this.finish();
        for (const { row, source } of rows) await this.#link(row, source);
    }
  }

  /** Makes what is left to be made. */
  async finish(): Promise<void> {
    await this.#goTo(this.#given.length);
    await this.#versions?.finish();
    this.#versions = undefined;
  }

  /** Removes the datasets that were made here; never throws. */
  async undo(): Promise<void> {
    await this.#versions?.abandon();
    const { engine } = this.#context;
    await Promise.allSettled(this.#made.map((datasetId) => removeDataset(engine, datasetId)));
  }

  /** Finishes the datasets before the one at `place`, and opens that one. */
  async #goTo(place: number): Promise<void> {
    if (place < this.#place) throw damaged("The records of the datasets are not in their order");
    while (this.#place < place) {
      await this.#versions?.finish();
      this.#versions = undefined;
      this.#place += 1;
      const given = this.#given[this.#place - 1] as GivenDataset;
      this.#versions = await VersionImport.open(this.#context, given);
      this.#numbers.set(this.#place, this.#versions.dataset);
      if (this.#versions.isNew) this.#made.push(String(given.row.dataset_id));
    }
  }

  async #link(row: Values, source: string | undefined): Promise<void> {
    this.#at(row.dataset, source);
    const dataset = this.#numbers.get(Number(row.dataset)) as number;
    await this.#context.engine.transaction((transaction) =>
      transaction
        .insertInto("dataset_experiments")
        .values({ dataset, experiment_id: this.#experiment })
        .execute(),
    );
  }

  #at(place: unknown, source = "A row"): GivenDataset {
    const given = this.#given[Number(place) - 1];
    if (given !== undefined) return given;
    throw damaged(`${source} names datasets ${place}, which is not in it`);
  }
}

function addVersion({ versions }: GivenDataset, row: Values, source = "A row"): void {
  if (row.version !== versions.length + 1) {
    throw damaged(`${source} is version ${row.version}, expected ${versions.length + 1}`);
  }
  versions.push({
    digest: String(row.digest),
    time: Number(row.creation_time),
    user: row.created_by === undefined ? null : String(row.created_by),
  });
}
