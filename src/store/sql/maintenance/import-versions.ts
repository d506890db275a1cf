import { sql, type Transaction } from "kysely";
import { AssayError } from "../../../core/index.ts";
import type { ExportedRow } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { VersionDraft } from "../datasets/dataset-draft.ts";
import { LINES } from "../datasets/dataset-merge.ts";
import { inputKeyOf } from "../datasets/dataset-values.ts";
import { insertRows, type SqlValue } from "../engine.ts";
import type { Schema } from "../schema.ts";
import { damaged } from "./damaged.ts";
import { findOrMake, type GivenDataset, type KnownDataset, textOrNull } from "./given-dataset.ts";

/** Lines per transaction. */
const CHUNK = 250;

/** Writes those versions of a dataset that the store does not have. */
export class VersionImport {
  /** Its number in the database. */
  readonly dataset: number;
  /** Whether it was not in the store. */
  readonly isNew: boolean;
  readonly #context: SqlContext;
  readonly #given: GivenDataset;
  /** Ordinals of the lines that end before a version. */
  readonly #ends = new Map<number, number[]>();
  /** The version of the lines that came last. */
  #reached = 1;
  /** The latest version that the store has. */
  #version: number;
  #draft: VersionDraft | undefined;

  private constructor(context: SqlContext, given: GivenDataset, known: KnownDataset) {
    this.#context = context;
    this.#given = given;
    this.dataset = known.id;
    this.isNew = known.isNew;
    this.#version = known.latest;
  }

  /**
   * @throws {AssayError} `already-exists` when another dataset has the name, `conflict` when the store has
   *   other records under one of the versions.
   */
  static async open(context: SqlContext, given: GivenDataset): Promise<VersionImport> {
    return new VersionImport(context, given, await findOrMake(context, given));
  }

  /** Takes lines in the order of their versions. */
  async write(rows: readonly ExportedRow[]): Promise<void> {
    for (const [version, own] of Map.groupBy(rows, ({ row }) => Number(row.from_version))) {
      const last = this.#given.versions.length;
      if (version < this.#reached || version > last) {
        throw damaged(
          `${own[0]?.source ?? "A row"} is not in the order of the versions 1 to ${last}`,
        );
      }
      this.#reached = version;
      for (const { row, source } of own) this.#noteEnd(row, source);
      if (version > this.#version) await this.#add(version, own);
    }
  }

  async finish(): Promise<void> {
    await this.#publishUpTo(this.#given.versions.length);
    if (!this.isNew) return;
    const { last_update_time: time, last_updated_by: user } = this.#given.row;
    await this.#context.engine.transaction((transaction) =>
      transaction
        .updateTable("datasets")
        .set({ last_update_time: Number(time), last_updated_by: textOrNull(user) })
        .where("id", "=", this.dataset)
        .execute(),
    );
  }

  async abandon(): Promise<void> {
    await this.#draft?.abandon();
  }

  async #add(version: number, rows: readonly ExportedRow[]): Promise<void> {
    await this.#publishUpTo(version - 1);
    this.#draft ??= await this.#begin(version);
    const { engine } = this.#context;
    for (let start = 0; start < rows.length; start += CHUNK) {
      const lines = rows.slice(start, start + CHUNK).map(({ row }) => this.#line(row));
      await this.#draft.change((transaction) => insertRows(engine, transaction, LINES, lines));
    }
  }

  /** Makes the versions up to this one, those of which no line is left to come. */
  async #publishUpTo(last: number): Promise<void> {
    while (this.#version < last) {
      const next = this.#version + 1;
      this.#draft ??= await this.#begin(next);
      await this.#draft.publish(this.#given.versions[next - 1]);
      this.#draft = undefined;
      this.#version = next;
    }
  }

  async #begin(version: number): Promise<VersionDraft> {
    const { row } = this.#given;
    const draft = await VersionDraft.begin(this.#context, String(row.dataset_id), null);
    if (draft.version !== version) {
      await draft.release();
      throw new AssayError(
        "conflict",
        `Somebody else has written to the dataset "${row.name}" while it was imported; import again`,
      );
    }
    const ends = this.#ends.get(version) ?? [];
    this.#ends.delete(version);
    for (let start = 0; start < ends.length; start += CHUNK) {
      await draft.change((transaction) =>
        this.#end(transaction, version, ends.slice(start, start + CHUNK)),
      );
    }
    return draft;
  }

  async #end(transaction: Transaction<Schema>, version: number, ordinals: readonly number[]) {
    await transaction
      .updateTable("dataset_records")
      .set({ until_version: version })
      .where("dataset", "=", this.dataset)
      .where("until_version", "is", null)
      .where(this.#context.engine.expressions.isAmong(sql.ref("ordinal"), ordinals))
      .execute();
  }

  #noteEnd({ from_version: from, until_version, ordinal }: ExportedRow["row"], source = "A row") {
    if (until_version === undefined) return;
    const until = Number(until_version);
    if (until <= Number(from) || until > this.#given.versions.length) {
      throw damaged(`${source} ends before version ${until}, which cannot be`);
    }
    if (until <= this.#version) return;
    const ends = this.#ends.get(until) ?? [];
    this.#ends.set(until, ends);
    ends.push(Number(ordinal));
  }

  #line(row: ExportedRow["row"]): readonly SqlValue[] {
    return Object.keys(LINES.columns).map((column) => {
      if (column === "dataset") return this.dataset;
      if (column === "input_key") return inputKeyOf(String(row.inputs));
      return (row[column] ?? null) as SqlValue;
    });
  }
}
