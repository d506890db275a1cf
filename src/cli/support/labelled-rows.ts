import { AssayError, isPlainObject, type JsonValue, type Row } from "../../core/index.ts";
import { openSource } from "../../datasets/index.ts";
import type { LabelledRow, LabelValue } from "../../judges/index.ts";
import type { TrackingStore } from "../../store/index.ts";

/** Where the labels of a file are. */
export interface LabelColumns {
  /** One column, or one per annotator. */
  readonly labels: readonly string[];
  /** Where the judge's verdict is there already. */
  readonly verdict?: string;
  /** Rows with the same value belong together. */
  readonly cluster?: string;
}

/** A labelled row of a file, with the key that it has in runs. */
export interface KeyedLabel {
  readonly rowKey: string;
  readonly row: LabelledRow;
}

/**
 * Reads rows with labels. Label, verdict, cluster and `split` columns are taken out of the inputs: a judge
 * that is asked must not see them.
 *
 * @throws {AssayError} `invalid-argument` for a file without the column; rows without a label are left out.
 */
export async function readLabelledRows(
  file: string,
  columns: LabelColumns,
  baseDir: string,
): Promise<KeyedLabel[]> {
  const source = await openSource(file, { baseDir });
  const rows: KeyedLabel[] = [];
  let seen: string[] = [];
  for await (const row of source.rows()) {
    seen = Object.keys({ ...row.inputs, ...row.columns, ...row.expectations, ...row.metadata });
    const labelled = labelledRow(row, columns);
    if (labelled !== undefined) rows.push({ rowKey: row.rowKey, row: labelled });
  }
  if (rows.length > 0) return rows;
  throw new AssayError(
    "invalid-argument",
    `${source.name} has no label in ${columns.labels.join(", ")}. Name the column with --label. Columns of its last row: ${seen.join(", ")}`,
  );
}

function labelledRow(row: Row, { labels, verdict, cluster }: LabelColumns) {
  const label = labelOf(row, labels);
  if (label === undefined) return undefined;
  const ours = [...labels, "split", ...[verdict ?? [], cluster ?? []].flat()];
  const inputs = Object.fromEntries(
    Object.entries(row.inputs).filter(([name]) => !ours.includes(name)),
  );
  const expectations = Object.fromEntries(
    Object.entries(row.expectations).filter(([name]) => !ours.includes(name)),
  );
  const split = cell(row, "split");
  const group = cluster === undefined ? undefined : cell(row, cluster);
  const said = verdict === undefined ? undefined : asLabel(cell(row, verdict));
  return {
    inputs,
    expectations,
    outputs: row.outputs ?? null,
    label,
    id: row.rowKey,
    ...(row.context !== undefined && { context: row.context }),
    ...(said !== undefined && { verdict: said }),
    ...(group !== undefined && { cluster: JSON.stringify(group) }),
    ...(split === "train" && { split: "train" as const }),
  } satisfies LabelledRow;
}

function labelOf(row: Row, labels: readonly string[]): LabelledRow["label"] | undefined {
  const known: { [annotator: string]: LabelValue } = {};
  for (const name of labels) {
    const value = cell(row, name);
    // A column may hold one label of each annotator, by name.
    const given = isPlainObject(value) ? value : { [name]: value };
    for (const [annotator, said] of Object.entries(given)) {
      const label = asLabel(said as JsonValue | undefined);
      if (label !== undefined) known[annotator] = label;
    }
  }
  return Object.keys(known).length === 0 ? undefined : known;
}

function cell(row: Row, name: string): JsonValue | undefined {
  for (const columns of [row.columns, row.expectations, row.metadata, row.inputs]) {
    if (columns !== undefined && Object.hasOwn(columns, name)) return columns[name];
  }
  return undefined;
}

function asLabel(value: JsonValue | undefined): LabelValue | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  return typeof value === "object" ? undefined : value;
}

/** The verdicts of a stored run on labelled rows, and its scores of all other rows. */
export async function verdictsOfRun(
  store: TrackingStore,
  runId: string,
  scorer: string,
  labelled: readonly KeyedLabel[],
): Promise<{ rows: LabelledRow[]; unlabelled: number[]; notInRun: number }> {
  const verdicts = new Map<string, LabelValue>();
  const known = new Set(labelled.map(({ rowKey }) => rowKey));
  const unlabelled: number[] = [];
  for await (const row of store.results.listResults(runId)) {
    const score = row.scores[scorer];
    if (row.trial > 0 || score?.kind !== "scored") continue;
    if (known.has(row.rowKey)) verdicts.set(row.rowKey, score.value);
    else if (typeof score.value !== "string") unlabelled.push(Number(score.value));
  }
  const rows = labelled.flatMap(({ rowKey, row }) => {
    const verdict = verdicts.get(rowKey);
    return verdict === undefined ? [] : [{ ...row, verdict }];
  });
  return { rows, unlabelled, notInRun: labelled.length - rows.length };
}
