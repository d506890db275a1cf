import type { Quotations } from "./quotations.ts";
import { type Grade, leadingGrade, NO_GRADE, onlyGrade } from "./read-grade.ts";
import type { VerdictShape } from "./verdict-shape.ts";

/**
 * A grade without a label, where only one can be meant; two that differ are none, and a fraction that is
 * quoted from the judged text is none.
 */
export function unlabelledGrade(text: string, shape: VerdictShape, quotations: Quotations): Grade {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const ends = [lines[0] ?? "", lines.at(-1) ?? ""];
  const alone = agreed(ends.map((line) => onlyGrade(line, shape)));
  if (shape.kind === "list") return NO_GRADE;
  if (shape.kind === "text") return lines.length === 1 ? alone : NO_GRADE;
  if (alone.kind !== "none") return alone;
  const opinion = onlyGrade(OPINION.exec(text.trim())?.[1] ?? "", shape);
  if (opinion.kind !== "none") return opinion;
  return shape.kind === "number"
    ? lastFraction(text, shape, quotations)
    : labelAtTheEnds(text, shape);
}

/** A reply that is nothing but "I think three." or "I would give it a 4." */
const OPINION =
  /^I(?:['’]d|\s+would)?\s+(?:think|say|guess|give|rate|grade|score)(?:\s+(?:it|this|that))?(?:\s+is)?(?:\s+an?)?\s+(.{1,60})$/i;

/** The last `4/5`, `4 out of 5` or "four out of five"; one on another scale is no verdict. */
function lastFraction(text: string, shape: VerdictShape, quotations: Quotations): Grade {
  const fractions = text.match(
    /(?<![\p{L}\d./-])[\d.\p{L}]+\s*(?:\/|out of)\s*[\d\p{L}]+(?![/\d])/giu,
  );
  const own = (fractions ?? []).filter((fraction) => !quotations.has(fraction));
  const grades = own.map((fraction) => leadingGrade(fraction, shape));
  return grades.filter(({ kind }) => kind !== "none").at(-1) ?? NO_GRADE;
}

/** A sentence that says of one label that it wins, and nothing else. */
const WINS =
  /^(.{1,60}?) is (?:clearly |much |slightly |definitely )?(?:the )?(?:better|best|preferred|superior|winner)(?: (?:one|output|answer|response|assistant|model))?\W*$/i;

/** "…, so: no." */
const CLOSING = /(?:[:;–—]|\b(?:so|therefore|thus|hence|I say),?)\s*([^.,:;!?–—]{1,60})\W*$/i;

/**
 * "Yes, because …", "Output (a) is better. …" or "… Therefore, Output (a) is better.": the first word, a
 * first sentence that is a verdict, or the one label of the last sentence.
 */
function labelAtTheEnds(text: string, shape: VerdictShape & { kind: "labels" }): Grade {
  const opening = /^[^\n.,:;!]{1,60}[.,:;!\n]/.exec(text.trim())?.[0].slice(0, -1) ?? "";
  const sentences = text.trim().split(/(?<=[.!?])\s+|\n+/);
  const winner = WINS.exec(sentences[0]?.trim() ?? "")?.[1] ?? "";
  const last = sentences.at(-1) ?? "";
  const closing = CLOSING.exec(last)?.[1] ?? "";
  return agreed([
    onlyGrade(opening, shape),
    onlyGrade(winner, shape),
    soleLabel(last, shape),
    onlyGrade(closing, shape),
  ]);
}

function soleLabel(
  sentence: string,
  { values, isCaseSensitive }: VerdictShape & { kind: "labels" },
): Grade {
  // "It is not faithful" names the label that it denies.
  if (/\b(?:not|never|neither|nor|cannot|without|hardly)\b|n['’]t\b/i.test(sentence))
    return NO_GRADE;
  const mentions = [...values].filter(([label]) => {
    const name = label.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const flags = isCaseSensitive ? "u" : "iu";
    return new RegExp(`(?<![\\p{L}\\p{N}_-])${name}(?![\\p{L}\\p{N}_-])`, flags).test(sentence);
  });
  const worths = new Set(mentions.map(([, value]) => value));
  const [only] = worths;
  return worths.size === 1 && only !== undefined ? { kind: "value", value: only } : NO_GRADE;
}

/** The one grade that is given, however often; none where they differ. */
export function agreed(grades: readonly Grade[]): Grade {
  const given = grades.filter((grade) => grade.kind !== "none");
  const values = new Set(
    given.map((grade) => (grade.kind === "value" ? grade.value : grade.problem)),
  );
  return values.size === 1 ? (given[0] as Grade) : NO_GRADE;
}
