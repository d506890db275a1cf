import { overlapF1 } from "../../core/index.ts";

/** English words that carry no content of their own; negations are kept out, they change an answer. */
const STOP_WORDS = new Set(
  (
    "a about after all also am an and any are as at be been being both but by can could did do does doing " +
    "for from had has have having he her hers him his how i if in into is it its itself just may me might " +
    "more most must my of on one only or other our out over own same she should so some such than that the " +
    "their them then there these they this those through to too under up us use used uses using very was we " +
    "were what when where which while who whom whose why will with would you your"
  ).split(" "),
);

/** Lower-case words and numbers, in order; accents are dropped, `1.5` and `dns-over-tls` fall apart at the hyphen only. */
export function words(text: string): string[] {
  const folded = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return folded.match(/\p{N}+(?:[.,:]\p{N}+)*|[\p{L}\p{N}_]+/gu) ?? [];
}

/** The words that say what a text is about, with plural and verb endings cut off. */
export function contentWords(text: string): string[] {
  return words(text)
    .filter((word) => !STOP_WORDS.has(word))
    .map(stem);
}

/**
 * Cuts the commonest English endings, so that "port" and "ports", "define" and "defined" meet. What
 * would be left must have a vowel: "https" is not the plural of "http".
 */
function stem(word: string): string {
  if (/\d/.test(word)) return word;
  const cut = word
    .replace(/(?<=[a-z]{2})ies$/, "y")
    .replace(/(?<=[a-z]{3})(?<![su])s$/, "")
    .replace(/(?<=[a-z]{3})(?:ing|ed)$/, "")
    .replace(/(?<=[a-z]{3})e$/, "");
  return /[aeiouy]/.test(cut) ? cut : word;
}

const ABBREVIATION = /\b(?:e\.g|i\.e|etc|vs|cf|dr|mr|mrs|fig|approx)\.$/i;

/**
 * The sentences of a text. A blank line, a heading, a list item and a table row end one as well;
 * lines wrapped inside a paragraph are joined.
 */
export function sentences(text: string): string[] {
  const units = text
    .replace(/\r\n?/g, "\n")
    .split(/\n\s*\n|\n(?=\s*(?:[-*+•]|\d+[.)]|#{1,6}|\|)\s?)|(?<=^\s*#{1,6} [^\n]*)\n/m)
    .map((unit) => unit.replace(/\s+/g, " ").trim());
  return units.flatMap(splitUnit).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}

function splitUnit(unit: string): string[] {
  const parts: string[] = [];
  for (const piece of unit.split(/(?<=[.!?]["')\]]?)\s+(?=["'([]?[\p{Lu}\p{N}])/u)) {
    const previous = parts.at(-1);
    if (previous !== undefined && ABBREVIATION.test(previous)) {
      parts[parts.length - 1] = `${previous} ${piece}`;
    } else {
      parts.push(piece);
    }
  }
  return parts;
}

/**
 * Token F1 of two texts over their content words (all words where there are none), as in SQuAD:
 * words are matched one to one.
 *
 * @returns A fraction in [0, 1]; 1 for two texts without words, 0 when only one has none.
 */
export function tokenF1(prediction: string, reference: string): number {
  return overlapF1(comparable(prediction), comparable(reference));
}

function comparable(text: string): string[] {
  const content = contentWords(text);
  return content.length === 0 ? words(text) : content;
}
