import { isPlainObject, withoutAbsent } from "../core/index.ts";
import { type EmbeddedObject, embeddedObjects, parseLenientJson } from "./embedded-json.ts";
import { labelledGrades, type PlacedGrade } from "./labelled-grades.ts";
import { Quotations } from "./quotations.ts";
import { type Grade, gradeOf, NO_GRADE, onlyGrade } from "./read-grade.ts";
import { agreed, unlabelledGrade } from "./unlabelled-grade.ts";
import { type VerdictShape, verdictKey } from "./verdict-shape.ts";

/** What a judge's reply says; `problem` completes "The judge's reply cannot be used: …". */
export type ParsedReply<Value> =
  | { readonly ok: true; readonly value: Value; readonly rationale?: string }
  | { readonly ok: false; readonly problem: string };

type ParsedVerdict = ParsedReply<number | string | boolean>;

interface Finding extends PlacedGrade {
  readonly rationale?: string;
}

/** A verdict stands at the end of a reply; what lies further back is not searched. */
const LONGEST_SEARCHED = 20_000;
const FENCED = /^```\w*\s*([^`]*)```$/;
const OTHER_KEYS = [
  "score",
  "verdict",
  "result",
  "rating",
  "grade",
  "judgement",
  "judgment",
  "value",
  "label",
];
/** What some models put around the object that was asked for; "answer" and "output" name what is judged. */
const WRAPPER_KEYS = ["evaluation", "assessment", "feedback"];
const RATIONALE_KEYS = ["rationale", "justification", "reason", "reasoning", "explanation"];

/**
 * Reads a verdict: the reply as JSON; else the last grade that is labelled as one, in a JSON object
 * within prose or fences, as `score: 4` or as `[[4]]`; else `4/5`, `4 out of 5`, or a grade alone on
 * the first or last line.
 *
 * The last labelled grade counts; when that grade is off the menu, no earlier one stands in for it.
 * Fractions are kept.
 *
 * @param judged - What was judged. An object or a labelled grade that stands there word for word is a
 *   quotation, and counts only on a line of its own where nothing else is labelled.
 */
export function parseVerdict(
  reply: string,
  shape: VerdictShape,
  judged: readonly string[] = [],
): ParsedVerdict {
  const text = withoutThinking(reply).trim();
  if (text === "") return { ok: false, problem: "it is empty" };
  const whole = parseLenientJson(FENCED.exec(text)?.[1] ?? text);
  const [only] = Array.isArray(whole) && whole.length === 1 ? whole : [whole];
  if (isPlainObject(only)) return verdictOf(fromObject(only, shape, 0), text);
  if (Array.isArray(whole) && !/^\[\[[^[\],{}]+\]\]$/.test(text)) {
    return { ok: false, problem: "it is a list" };
  }
  if (typeof whole === "number" || typeof whole === "string" || typeof whole === "boolean") {
    const grade = gradeOf(whole, shape);
    if (grade.kind === "value" || typeof whole !== "string")
      return verdictOf({ at: 0, grade }, text);
  }
  return verdictOf(search(text.slice(-LONGEST_SEARCHED), shape, judged), text);
}

/** A thought that never ends holds no verdict: it was cut off. */
function withoutThinking(reply: string): string {
  const text = reply.replace(/^\s*<think(?:ing)?>.*?<\/think(?:ing)?>/s, "");
  const open = /^[ \t]*<think(?:ing)?>/m.exec(text)?.index;
  const isClosed = open === undefined || /<\/think(?:ing)?>/.test(text.slice(open));
  return isClosed ? text : text.slice(0, open);
}

function search(text: string, shape: VerdictShape, judged: readonly string[]): Finding {
  const quotations = new Quotations(judged);
  const objects = embeddedObjects(text);
  // A label inside an object belongs to that object: its rationale may quote anything.
  const prose = objects.reduce((rest, { start, end }) => blank(rest, start, end), text);
  const isQuoted = ({ start, end }: EmbeddedObject) => quotations.has(text.slice(start, end));
  const labelled = labelledGrades(prose, shape);
  const quoted = labelled.filter(({ written }) => written !== undefined && quotations.has(written));
  const own: Finding[] = [
    ...objects
      .filter((object) => !isQuoted(object))
      .map(({ start, value }) => fromObject(value as Record<string, unknown>, shape, start))
      .filter(({ grade }) => grade.kind !== "none"),
    ...labelled.filter((finding) => !quoted.includes(finding)),
  ];
  const last = own.reduce<Finding | undefined>(
    (latest, finding) => (latest === undefined || finding.at >= latest.at ? finding : latest),
    undefined,
  );
  if (last !== undefined) return last;
  // On a line of its own it is the judge's answer, though the judged text has the same words.
  const alone = quoted.filter(({ isAlone }) => isAlone).map(({ grade }) => grade);
  if (alone.length > 0) return { at: 0, grade: agreed(alone) };
  const rest = quoted.reduce(
    (left, { at, written = "" }) => blank(left, at, at + written.length),
    prose,
  );
  return { at: 0, grade: unlabelledGrade(rest, shape, quotations) };
}

function blank(text: string, start: number, end: number): string {
  return text.slice(0, start) + " ".repeat(end - start) + text.slice(end);
}

function fromObject(
  object: Record<string, unknown>,
  shape: VerdictShape,
  at: number,
  isWrapped = false,
): Finding {
  const keys = Object.keys(object);
  const like = (wanted: readonly string[]) =>
    wanted
      .map((name) => keys.find((key) => key.toLowerCase() === name))
      .find((key) => key !== undefined);
  const key = like([verdictKey(shape), ...OTHER_KEYS, ...WRAPPER_KEYS]);
  if (key === undefined) return { at, grade: NO_GRADE };
  const member = object[key];
  // A verdict that is itself an object is none.
  if (isPlainObject(member) && !isWrapped && key.toLowerCase() !== verdictKey(shape)) {
    return fromObject(member, shape, at, true);
  }
  if (WRAPPER_KEYS.includes(key.toLowerCase())) return { at, grade: NO_GRADE };
  const rationale = object[like(RATIONALE_KEYS) ?? ""];
  return withoutAbsent<Finding>({
    at,
    grade: gradeOf(member, shape),
    rationale:
      typeof rationale === "string" && rationale.trim() !== "" ? rationale.trim() : undefined,
  });
}

function verdictOf({ grade, rationale }: Finding, text: string): ParsedVerdict {
  if (grade.kind === "none") return { ok: false, problem: "it names no verdict" };
  if (grade.kind === "off-menu") return { ok: false, problem: grade.problem };
  const why = rationale ?? proseAround(text, grade);
  return { ok: true, value: grade.value, ...(why === undefined ? {} : { rationale: why }) };
}

/** A reply in prose is its own rationale, unless it is nothing but the grade. */
function proseAround(text: string, grade: Grade & { kind: "value" }): string | undefined {
  const labelled = /^\W*(?:justification|rationale|reason(?:ing)?|explanation)\W*:\W*(.+)/ims.exec(
    text,
  );
  const why = (labelled?.[1] ?? text).trim();
  if (why.length <= String(grade.value).length + 12 || why.startsWith("{")) return undefined;
  return onlyGrade(why, { kind: "number", low: -Infinity, high: Infinity, integers: false })
    .kind === "none"
    ? why
    : undefined;
}
