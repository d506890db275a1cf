import { AssayError, type DirectSample } from "../../core/index.ts";
import { mean, median } from "../../stats/index.ts";

/** A verdict as people and judges give it. */
export type LabelValue = number | boolean | string;

/** A row that people have judged. */
export interface LabelledRow extends DirectSample {
  /** One verdict, or one of each annotator by name. */
  readonly label: LabelValue | { readonly [annotator: string]: LabelValue };
  /** The judge's verdict where it is there already; else the judge is asked. */
  readonly verdict?: LabelValue;
  /** Names the row in lists of disagreements; default its place. */
  readonly id?: string;
  /** Rows that belong together, e.g. by document: they are resampled together. */
  readonly cluster?: string;
  /** `train` for rows that served to write the rubric or to choose its examples: they are not counted. */
  readonly split?: "train" | "test";
}

/** A row with a verdict on each side, as numbers, or as words where one of them is no number. */
export interface LabelledPair {
  readonly id: string;
  readonly cluster: string;
  /** By annotator; `label` for a single one. */
  readonly people: { readonly [annotator: string]: number | string };
  /** What people say together: the median of numbers, the majority of words. */
  readonly person: number | string;
  /** Mean of the numbers; the same as `person` for one annotator. */
  readonly personMean?: number;
  readonly judge: number | string;
}

/** What labels come to. */
export interface ReadLabels {
  readonly pairs: readonly LabelledPair[];
  readonly isNumeric: boolean;
  /** Rows whose annotators are divided evenly among words. */
  readonly tied: number;
}

/** A labelled row and what the judge said of it. */
export interface JudgedRow {
  readonly row: LabelledRow;
  readonly index: number;
  readonly verdict: LabelValue;
}

/**
 * Brings both sides into one vocabulary: true, yes and 1 are the same, and so are 4 and "4".
 *
 * @throws {AssayError} `invalid-argument` where one side has words and the other numbers throughout.
 */
export function readLabels(rows: readonly JudgedRow[]): ReadLabels {
  const read = rows.map(({ row, index, verdict }) => ({
    id: row.id ?? String(index + 1),
    cluster: row.cluster ?? `row ${index}`,
    people: Object.fromEntries(
      Object.entries(typeof row.label === "object" ? row.label : { label: row.label }).map(
        ([name, value]) => [name, asValue(value)],
      ),
    ),
    judge: asValue(verdict),
  }));
  const labels = read.flatMap(({ people }) => Object.values(people));
  const verdicts = read.map(({ judge }) => judge);
  checkVocabulary(labels, verdicts);
  const isNumeric = [...labels, ...verdicts].every((value) => typeof value === "number");
  const pairs = read.flatMap((one): LabelledPair[] => {
    const given = Object.values(one.people);
    if (given.length === 0) return [];
    if (isNumeric) {
      const numbers = given as number[];
      return [{ ...one, person: median(numbers) as number, personMean: mean(numbers) as number }];
    }
    const person = majority(given.map(String));
    const people = Object.fromEntries(Object.entries(one.people).map(([n, v]) => [n, String(v)]));
    return person === undefined ? [] : [{ ...one, people, person, judge: String(one.judge) }];
  });
  return { pairs, isNumeric, tied: read.length - pairs.length };
}

/**
 * Refuses labels that the judge could never give: agreement with them would measure the scales.
 *
 * @throws {AssayError} `invalid-argument` for a label, or a verdict that is there already, off the scale.
 */
export function checkOnScale(
  rows: readonly Pick<JudgedRow, "row" | "index">[],
  [low, high]: readonly [number, number],
  judge: string,
): void {
  for (const { row, index } of rows) {
    const labels = typeof row.label === "object" ? Object.values(row.label) : [row.label];
    const given = [
      ...labels.map((value) => ["label", value] as const),
      ...(row.verdict === undefined ? [] : [["verdict", row.verdict] as const]),
    ];
    const wrong = given.find(([, value]) => {
      const number = asValue(value);
      return typeof number === "number" && (number < low || number > high);
    });
    if (wrong === undefined) continue;
    const [kind, value] = wrong;
    const id = row.id === undefined ? "" : ` (${row.id.slice(0, 40)})`;
    throw new AssayError(
      "invalid-argument",
      `Row ${(row.row?.ordinal ?? index) + 1}${id} has the ${kind} ${value}, which is off the scale ${low} to ${high} of ${judge}. Give labels on the judge's scale, or name the column that holds them.`,
    );
  }
}

function asValue(value: LabelValue): number | string {
  if (typeof value !== "string") return Number(value);
  const word = value.trim();
  const lower = word.toLowerCase();
  if (lower === "yes" || lower === "true") return 1;
  if (lower === "no" || lower === "false") return 0;
  return word !== "" && Number.isFinite(Number(word)) ? Number(word) : word;
}

function checkVocabulary(
  labels: readonly (number | string)[],
  verdicts: readonly (number | string)[],
): void {
  const words = (values: readonly (number | string)[]) =>
    values.every((value) => typeof value === "string");
  const numbers = (values: readonly (number | string)[]) =>
    values.every((value) => typeof value === "number");
  if (labels.length === 0 || verdicts.length === 0) return;
  const differ = (words(labels) && numbers(verdicts)) || (numbers(labels) && words(verdicts));
  if (!differ) return;
  throw new AssayError(
    "invalid-argument",
    `The labels are ${words(labels) ? "words" : "numbers"} (e.g. "${labels[0]}") and the judge's verdicts ${words(verdicts) ? "words" : "numbers"} (e.g. "${verdicts[0]}"). Write the labels as the judge says them.`,
  );
}

/** The most frequent; undefined where two are. */
function majority(words: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const [first, second] = [...counts].filter(([, count]) => count === most);
  return second === undefined ? first?.[0] : undefined;
}
