import { type Grade, leadingGrade, NO_GRADE, onlyGrade } from "./read-grade.ts";
import type { VerdictShape } from "./verdict-shape.ts";

export interface PlacedGrade {
  /** Where in the text its label stands. */
  readonly at: number;
  readonly grade: Grade;
  /** Label and grade as they are written; absent where they cannot be a quotation. */
  readonly written?: string;
  /** They have a line, or the whole reply, of their own. */
  readonly isAlone?: boolean;
}

const LABEL =
  /(["'`“‘]?)(?<![\p{L}\p{N}_])(score|rating|grade|verdict|result|judge?ment|final answer)(["'`”’*_]*)(?:\s*\([^)\n]*\))?["'`”’*_]*\s*(:|=|\bis\b|\bof\b)/giu;
const BRACKETS = /\[\[([^[\]\n]{1,40})\]\]/g;
const NUMBERS_OR = /^(.{1,60}?)\s*\bor\b\s*(.*)/is;
const LABELS_OR = /^(.{1,60}?)\s*(?:\bor\b|\/)\s*(.*)/is;
const FIRST_WORD = /^[\s"'`*_“”‘’([<]*[\p{L}\p{N}./-]*[\p{L}\p{N}]/u;
const RATIONALE_LINE = /^\W*(?:justification|rationale|reason(?:ing)?|explanation)\W*:/im;

/**
 * The grades that are labelled as such, in order: `Score: 4`, `**Rating** = 4/5`, `"score": 4` of an
 * object that is not JSON, `[[4]]`. Quotations are passed over: a label that opens a quotation, a
 * quoted line, and what stands in the rationale that follows a grade.
 */
export function labelledGrades(text: string, shape: VerdictShape): PlacedGrade[] {
  if (/^(?:```\w*\s*)?\{/.test(text.trimStart())) return keysOfBrokenObject(text, shape);
  const rationale = RATIONALE_LINE.exec(text)?.index ?? text.length;
  const found: PlacedGrade[] = [];
  for (const match of text.matchAll(LABEL)) {
    const [whole, opening = "", , closing = "", separator = ""] = match;
    const line = text.slice(text.lastIndexOf("\n", match.index - 1) + 1, match.index);
    const leads = /^[\s*_#\-•]*(?:(?:my|the|final|overall)\s+)*$/i.test(line);
    const quotes = opening !== "" && !closing.includes(opening);
    const inRationale = !leads && match.index > rationale && found.some(({ at }) => at < rationale);
    if (quotes || inRationale || /^\s*>/.test(line)) continue;
    const said = text.slice(match.index + whole.length).slice(0, 200);
    const grade = namesMenu(said, shape) ? NO_GRADE : leadingGrade(said, shape);
    const placed = {
      at: match.index,
      written: whole + (FIRST_WORD.exec(said)?.[0] ?? ""),
      isAlone: leads && onlyGrade(said.split("\n", 1)[0] ?? "", shape).kind !== "none",
    };
    if (grade.kind !== "none") found.push({ ...placed, grade });
    // A label that announces something else ("Score: none") is an answer, and no verdict.
    else if (leads && /[:=]/.test(separator)) found.push({ ...placed, grade: OFF_MENU });
  }
  for (const match of text.matchAll(BRACKETS)) {
    const grade = leadingGrade(match[1] ?? "", shape);
    if (grade.kind === "none") continue;
    const [written] = match;
    const before = text.slice(text.lastIndexOf("\n", match.index - 1) + 1, match.index);
    const after = text.slice(match.index + written.length).split("\n", 1)[0] ?? "";
    const isAlone = !/[\p{L}\p{N}]/u.test(before + after);
    found.push({ at: match.index, grade, written, isAlone });
  }
  return found.sort((a, b) => a.at - b.at);
}

/** "yes or no?" and "1 or 5" repeat what is offered. */
function namesMenu(said: string, shape: VerdictShape): boolean {
  if (shape.kind !== "number" && shape.kind !== "labels") return false;
  // "4/5" is a fraction.
  const between = shape.kind === "number" ? NUMBERS_OR : LABELS_OR;
  const [, first = "", second = ""] = between.exec(said) ?? [];
  return onlyGrade(first, shape).kind === "value" && leadingGrade(second, shape).kind === "value";
}

const OFF_MENU: Grade = { kind: "off-menu", problem: "its verdict is not one that was offered" };

/** An object cut short or in another notation: only its keys are labels, not what its texts say. */
function keysOfBrokenObject(text: string, shape: VerdictShape): PlacedGrade[] {
  return [...text.matchAll(/(?<!\\)(["'])(?:score|verdict|result|rating|grade)\1\s*:/gi)].map(
    (match) => {
      const grade = leadingGrade(text.slice(match.index + match[0].length).slice(0, 200), shape);
      return { at: match.index, grade: grade.kind === "none" ? OFF_MENU : grade };
    },
  );
}
