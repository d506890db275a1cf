/**
 * The pattern with its escapes made explicit, so that SQLite and PostgreSQL read it alike under
 * `ESCAPE '\'`: a backslash escapes `%`, `_` and itself; anywhere else it is a literal backslash and
 * gets doubled.
 */
export function normalizeLikePattern(pattern: string): string {
  return pattern.replace(/\\[%_\\]|\\/g, (found) => (found.length === 2 ? found : "\\\\"));
}

/**
 * The form of a text in which ILIKE compares: lower case of any script, sigma in its one form σ, which
 * makes the result independent of what surrounds a letter. PostgreSQL computes the same by
 * `replace(lower(x collate "und-x-icu"), 'ς', 'σ')`. Escapes of a pattern survive it.
 */
export function foldCase(text: string): string {
  return text.toLowerCase().replaceAll("ς", "σ");
}
