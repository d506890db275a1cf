import {
  AssayError,
  isPlainObject,
  type JsonObject,
  type JsonValue,
  nameList,
  type Row,
  soleInput,
  type Trace,
  withoutAbsent,
} from "../../core/index.ts";
import { type Data, openSource, type SourceOptions } from "../../datasets/index.ts";
import type { LabelledRow, LabelValue } from "../../judges/index.ts";
import type { TrackingStore } from "../../store/index.ts";

/** Where the labels are. */
export interface LabelColumns {
  /** One column, or one per annotator. */
  readonly labels: readonly string[];
  /** The labels are people's feedback of this name on stored traces, in the place of columns. */
  readonly feedback?: string;
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

/** How rows with labels are read. */
export interface LabelledSource extends SourceOptions {
  /** Whether the rows are to be judged, and so have to hold an answer. */
  readonly isAsked: boolean;
  /** With its spans, for rows that are stored traces. */
  readonly traceOf?: (traceId: string) => Promise<Trace | undefined>;
}

/** What {@link readLabelledRows} found. */
export interface LabelledRows {
  readonly rows: readonly KeyedLabel[];
  /** Labelled rows that were left out, having no answer to judge. */
  readonly withoutOutputs: number;
}

/**
 * Reads rows with labels. Label, verdict, cluster and `split` columns are taken out of what a judge can be
 * shown: a judge that is asked must not see them.
 *
 * @throws {AssayError} `invalid-argument` for a file without the column, and for one whose first row has no
 *   answer where rows are to be judged; rows without a label are left out.
 */
export async function readLabelledRows(
  data: Data,
  columns: LabelColumns,
  { isAsked, traceOf, ...options }: LabelledSource,
): Promise<LabelledRows> {
  const source = await openSource(data, options);
  const rows: KeyedLabel[] = [];
  let withoutOutputs = 0;
  let seen: string[] = [];
  for await (const row of source.rows()) {
    if (isAsked && row.ordinal === 0) checkOutputs(row);
    seen = columnsOf(row);
    const trace = row.traceId === undefined ? undefined : await traceOf?.(row.traceId);
    const labelled = labelledRow(row, columns, trace);
    if (labelled === undefined) continue;
    if (isAsked && row.outputs === undefined) withoutOutputs += 1;
    else rows.push({ rowKey: row.rowKey, row: labelled });
  }
  if (rows.length + withoutOutputs > 0) return { rows, withoutOutputs };
  const { feedback, labels } = columns;
  throw new AssayError(
    "invalid-argument",
    feedback === undefined
      ? `${source.name} has no label in ${nameList(labels)}. Name the column with --label. Columns of its last row: ${nameList(seen)}`
      : `None of these traces has feedback "${feedback}" of a person. Log it with logFeedback and the source type HUMAN, or choose other traces with --traces.`,
  );
}

/** @throws {AssayError} `invalid-argument` for a row without an answer: its column has another name. */
export function checkOutputs(row: Row): void {
  if (row.outputs !== undefined || row.traceId !== undefined) return;
  throw new AssayError(
    "invalid-argument",
    `There is nothing to judge: row ${row.ordinal + 1} has no outputs. Name the column with the answers (--predictions). Available columns: ${nameList(columnsOf(row))}`,
  );
}

function columnsOf({ inputs, columns, expectations, metadata }: Row): string[] {
  return Object.keys({ ...inputs, ...columns, ...expectations, ...metadata });
}

function labelledRow(row: Row, columns: LabelColumns, trace: Trace | undefined) {
  const { labels, feedback, verdict, cluster } = columns;
  const label = feedback === undefined ? labelOf(row, labels) : feedbackOf(trace, feedback);
  if (label === undefined) return undefined;
  const ours = new Set([
    ...(feedback === undefined ? labels : [feedback]),
    ...["split", verdict, cluster].filter((name) => name !== undefined),
  ]);
  const shown = withoutColumns(row, ours);
  const { inputs, expectations, outputs = null, context } = shown;
  const split = cell(row, "split");
  const group = cluster === undefined ? undefined : cell(row, cluster);
  return withoutAbsent<LabelledRow>({
    row: shown,
    trial: 0,
    inputs,
    expectations,
    outputs,
    context: context ?? undefined,
    input: soleInput(inputs),
    output: outputs,
    expected: expectations.expected_response,
    trace,
    label,
    id: row.rowKey,
    verdict: verdict === undefined ? undefined : asLabel(cell(row, verdict)),
    cluster: group === undefined ? undefined : JSON.stringify(group),
    split: split === "train" ? "train" : undefined,
  });
}

/** The row as a judge may see it. */
function withoutColumns(row: Row, ours: ReadonlySet<string>): Row {
  const others = <T extends JsonObject | undefined>(columns: T) =>
    columns &&
    (Object.fromEntries(Object.entries(columns).filter(([name]) => !ours.has(name))) as T);
  return withoutAbsent<Row>({
    ...row,
    inputs: others(row.inputs),
    expectations: others(row.expectations),
    columns: others(row.columns),
    metadata: others(row.metadata),
  });
}

/** What each person said last of a trace as a whole. */
function feedbackOf(trace: Trace | undefined, name: string): LabelledRow["label"] | undefined {
  const said = (trace?.info.assessments ?? []).flatMap((one) => {
    const isTheirs =
      one.name === name && one.kind === "feedback" && one.source.type === "HUMAN" && one.isValid;
    const label = asLabel(one.value);
    return !isTheirs || one.spanId !== undefined || label === undefined
      ? []
      : [[one.source.id ?? "human", label] as const];
  });
  return said.length === 0 ? undefined : Object.fromEntries(said);
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
