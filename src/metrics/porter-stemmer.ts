/**
 * Porter's stemmer for lower-case English words, with NLTK's extensions, which is the variant that
 * google-research/rouge uses.
 *
 * @see Porter (1980), Program 14:130–137; NLTK's `PorterStemmer` in mode `NLTK_EXTENSIONS` for the
 *   irregular forms, the treatment of short words (dies → die) and the extra suffixes.
 */
export function porterStem(word: string): string {
  const irregular = IRREGULAR.get(word);
  if (irregular !== undefined) return irregular;
  if (word.length <= 2) return word;
  const singular = withoutPlural(word);
  const present = finalYToI(withoutPast(singular));
  return withoutFinalE(withoutSuffix(applyRules(doubleSuffix(present), SIMPLE_SUFFIXES)));
}

const IRREGULAR = new Map([
  ["skies", "sky"],
  ["sky", "sky"],
  ["dying", "die"],
  ["lying", "lie"],
  ["tying", "tie"],
  ["news", "news"],
  ["innings", "inning"],
  ["inning", "inning"],
  ["outings", "outing"],
  ["outing", "outing"],
  ["cannings", "canning"],
  ["canning", "canning"],
  ["howe", "howe"],
  ["proceed", "proceed"],
  ["exceed", "exceed"],
  ["succeed", "succeed"],
]);

/** Suffix and what stands in its place, where the stem before it has a vowel and a consonant after it. */
type Rule = readonly [suffix: string, replacement: string];

const DOUBLE_SUFFIXES: readonly Rule[] = [
  ["ational", "ate"],
  ["tional", "tion"],
  ["enci", "ence"],
  ["anci", "ance"],
  ["izer", "ize"],
  ["bli", "ble"],
  ["alli", "al"],
  ["entli", "ent"],
  ["eli", "e"],
  ["ousli", "ous"],
  ["ization", "ize"],
  ["ation", "ate"],
  ["ator", "ate"],
  ["alism", "al"],
  ["iveness", "ive"],
  ["fulness", "ful"],
  ["ousness", "ous"],
  ["aliti", "al"],
  ["iviti", "ive"],
  ["biliti", "ble"],
  ["fulli", "ful"],
];

const SIMPLE_SUFFIXES: readonly Rule[] = [
  ["icate", "ic"],
  ["ative", ""],
  ["alize", "al"],
  ["iciti", "ic"],
  ["ical", "ic"],
  ["ful", ""],
  ["ness", ""],
];

/** The order decides: "ement" is tried before "ment" before "ent". */
const LAST_SUFFIXES =
  "al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize".split(" ");

/** Step 1a. */
function withoutPlural(word: string): string {
  if (word.endsWith("ies")) return word.slice(0, word.length === 4 ? -1 : -2);
  if (word.endsWith("sses")) return word.slice(0, -2);
  return word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}

/** Step 1b. */
function withoutPast(word: string): string {
  if (word.endsWith("ied")) return word.slice(0, word.length === 4 ? -1 : -2);
  if (word.endsWith("eed")) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  const suffix = ["ed", "ing"].find((ending) => word.endsWith(ending));
  const stem = word.slice(0, suffix === undefined ? 0 : -suffix.length);
  if (!hasVowel(stem)) return word;
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (/([^aeiou])\1$/.test(stem) && isConsonant(stem, stem.length - 1)) {
    return /[lsz]$/.test(stem) ? stem : stem.slice(0, -1);
  }
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem;
}

/** Step 1c, which NLTK keeps to a y after a consonant that is not the first letter. */
function finalYToI(word: string): string {
  const before = word.length - 2;
  return word.endsWith("y") && before > 0 && isConsonant(word, before)
    ? `${word.slice(0, -1)}i`
    : word;
}

/** Step 2. */
function doubleSuffix(word: string): string {
  if (word.endsWith("alli") && measure(word.slice(0, -4)) > 0) {
    return doubleSuffix(word.slice(0, -2));
  }
  // The l belongs to the stem, so that "geologi" is treated as "archaeologi".
  if (word.endsWith("logi")) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  return applyRules(word, DOUBLE_SUFFIXES);
}

/** Step 3, and the core of step 2: only the first suffix that fits is tried. */
function applyRules(word: string, rules: readonly Rule[]): string {
  const rule = rules.find(([suffix]) => word.endsWith(suffix));
  if (rule === undefined) return word;
  const stem = word.slice(0, -rule[0].length);
  return measure(stem) > 0 ? stem + rule[1] : word;
}

/** Step 4. */
function withoutSuffix(word: string): string {
  const suffix = LAST_SUFFIXES.find((ending) => word.endsWith(ending));
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  const allowed = suffix !== "ion" || /[st]$/.test(stem);
  return allowed && measure(stem) > 1 ? stem : word;
}

/** Steps 5a and 5b. */
function withoutFinalE(word: string): string {
  let stem = word;
  if (word.endsWith("e")) {
    const shorter = word.slice(0, -1);
    const syllables = measure(shorter);
    if (syllables > 1 || (syllables === 1 && !endsShort(shorter))) stem = shorter;
  }
  return stem.endsWith("ll") && measure(stem.slice(0, -1)) > 1 ? stem.slice(0, -1) : stem;
}

/** A y is a vowel after a consonant. */
function isConsonant(word: string, index: number): boolean {
  const letter = word[index];
  if (letter === "y") return index === 0 || !isConsonant(word, index - 1);
  return letter !== "a" && letter !== "e" && letter !== "i" && letter !== "o" && letter !== "u";
}

/** Porter's m: how many times a consonant follows a vowel. */
function measure(stem: string): number {
  let changes = 0;
  let afterVowel = false;
  for (let index = 0; index < stem.length; index += 1) {
    const consonant = isConsonant(stem, index);
    if (consonant && afterVowel) changes += 1;
    afterVowel = !consonant;
  }
  return changes;
}

function hasVowel(stem: string): boolean {
  for (let index = 0; index < stem.length; index += 1) {
    if (!isConsonant(stem, index)) return true;
  }
  return false;
}

/** Consonant, vowel, consonant other than w, x, y; or, with NLTK, a two-letter vowel and consonant. */
function endsShort(stem: string): boolean {
  const last = stem.length - 1;
  if (last < 1 || !isConsonant(stem, last) || isConsonant(stem, last - 1)) return false;
  return last === 1 || (isConsonant(stem, last - 2) && !/[wxy]$/.test(stem));
}
