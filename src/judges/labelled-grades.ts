import { type Grade, leadingGrade } from "./read-grade.ts";
import type { VerdictShape } from "./verdict-shape.ts";

export interface PlacedGrade {
  /** Where in the text its label stands. */
  readonly at: number;
  readonly grade: Grade;
}

const LABEL =
  /(["'`“‘]?)(?<![\p{L}\p{N}_])(score|rating|grade|verdict|result|judge?ment|final answer)(["'`”’*_]*)(?:\s*\([^)\n]*\))?["'`”’*_]*\s*(:|=|\bis\b|\bof\b)/giu;
const BRACKETS = /\[\[([^[\]\n]{1,40})\]\]/g;
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
    const grade = leadingGrade(text.slice(match.index + whole.length).slice(0, 200), shape);
    if (grade.kind !== "none") found.push({ at: match.index, grade });
    // A label that announces something else ("Score: none") is an answer, and no verdict.
    else if (leads && /[:=]/.test(separator)) found.push({ at: match.index, grade: OFF_MENU });
  }
  for (const match of text.matchAll(BRACKETS)) {
    const grade = leadingGrade(match[1] ?? "", shape);
    if (grade.kind !== "none") found.push({ at: match.index, grade });
  }
  return found.sort((a, b) => a.at - b.at);
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
