import type { StoreTest, TestRunner } from "./kit.ts";
import { answers, givenRuns } from "./search-fixture.ts";

const KELVIN = "\u212a";
const COMBINED = "e\u0301";

const TEXTS = [
  "Straße",
  "STRASSE",
  "STRAẞE",
  "İstanbul",
  "istanbul",
  "ISTANBUL",
  "ıstanbul",
  "ΣΊΣΥΦΟΣ",
  "σίσυφος",
  "Кот",
  "КОТ",
  "k",
  "K",
  KELVIN,
  "50%",
  "50x",
  "a_b",
  "axb",
  "a\\b",
  "a\\%b",
  "😀x",
  "é",
  COMBINED,
  "É",
  "",
  " ",
  "line\nbreak",
  "ǅ",
  "ǆ",
  "ﬁ",
  "FI",
];

// What the rules of the Unicode default case mapping give, by hand. Backslashes are doubled once, for TypeScript.
const CASES: readonly (readonly [filter: string, texts: readonly string[]])[] = [
  ["LIKE 'Straße'", ["Straße"]],
  ["ILIKE 'straße'", ["Straße", "STRAẞE"]],
  ["ILIKE 'strasse'", ["STRASSE"]],
  ["ILIKE 'STRA_E'", ["Straße", "STRAẞE"]],
  ["ILIKE 'stra%e'", ["Straße", "STRASSE", "STRAẞE"]],
  // The capital dotted I is an i with a combining dot when lower, whatever the language.
  ["ILIKE 'istanbul'", ["istanbul", "ISTANBUL"]],
  ["ILIKE 'İSTANBUL'", ["İstanbul"]],
  ["ILIKE 'i\u0307stanbul'", ["İstanbul"]],
  ["ILIKE 'i%stanbul'", ["İstanbul", "istanbul", "ISTANBUL"]],
  ["ILIKE 'ıstanbul'", ["ıstanbul"]],
  ["LIKE '_stanbul'", ["İstanbul", "istanbul", "ıstanbul"]],
  ["ILIKE 'σίσυφοσ'", ["ΣΊΣΥΦΟΣ", "σίσυφος"]],
  ["ILIKE 'ΣΊΣΥΦΟΣ'", ["ΣΊΣΥΦΟΣ", "σίσυφος"]],
  ["ILIKE '%ς'", ["ΣΊΣΥΦΟΣ", "σίσυφος"]],
  ["LIKE '%ς'", ["σίσυφος"]],
  ["ILIKE 'кот'", ["Кот", "КОТ"]],
  ["LIKE 'К%'", ["Кот", "КОТ"]],
  ["LIKE 'кот'", []],
  ["ILIKE 'K'", ["k", "K", KELVIN]],
  [`ILIKE '${KELVIN}'`, ["k", "K", KELVIN]],
  ["= 'K'", ["K"]],
  ["LIKE '50%'", ["50%", "50x"]],
  ["LIKE '50\\%'", ["50%"]],
  ["ILIKE '50\\%'", ["50%"]],
  ["LIKE 'a_b'", ["a_b", "axb", "a\\b"]],
  ["LIKE 'a\\_b'", ["a_b"]],
  ["LIKE 'a\\b'", ["a\\b"]],
  ["LIKE 'a\\\\b'", ["a\\b"]],
  ["LIKE 'a\\\\\\%b'", ["a\\%b"]],
  ["ILIKE 'A\\\\%B'", ["a\\b", "a\\%b"]],
  ["= 'a\\b'", ["a\\b"]],
  ["LIKE '_x'", ["😀x"]],
  ["LIKE '😀%'", ["😀x"]],
  ["ILIKE '😀X'", ["😀x"]],
  // Composed and decomposed letters are different texts.
  ["ILIKE 'É'", ["é", "É"]],
  [`LIKE '${COMBINED}'`, [COMBINED]],
  [`ILIKE 'E\u0301'`, [COMBINED]],
  ["LIKE '__' AND NOT params.t LIKE '%x' AND NOT params.t = 'FI'", [COMBINED]],
  ["= ''", [""]],
  ["LIKE ''", [""]],
  ["LIKE 'line%break'", ["line\nbreak"]],
  ["LIKE 'line_break'", ["line\nbreak"]],
  ["ILIKE 'ǆ'", ["ǅ", "ǆ"]],
  ["ILIKE 'fi'", ["FI"]],
  ["ILIKE 'ﬁ'", ["ﬁ"]],
];

export function searchTextsSuite({ expect }: TestRunner, test: StoreTest): void {
  test("LIKE and ILIKE read letters of every script by the rules of Unicode", async (store) => {
    const given = TEXTS.map((text, at) => [String(at), { params: { t: text } }]);
    await givenRuns(store, Object.fromEntries(given));
    const table = await answers(CASES, async (condition) => {
      const { items } = await store.runs.searchRuns({ filter: `params.t ${condition}` });
      const found = items.map(({ params }) => params.t ?? "");
      return TEXTS.filter((text) => found.includes(text));
    });
    expect(table.found).toEqual(table.expected);
  });

  test("a text is ordered by its code points", async (store) => {
    const texts = ["", " ", "A", "B", "a", "é", "ﬁ", "😀"];
    const shuffled = [3, 0, 7, 5, 1, 6, 2, 4];
    const given = shuffled.map((at) => [`r${at}`, { params: { t: texts[at] ?? "" } }]);
    await givenRuns(store, Object.fromEntries([...given, ["none", {}]]));
    for (const [direction, expected] of [
      ["ASC", texts],
      ["DESC", texts.toReversed()],
    ] as const) {
      const { items } = await store.runs.searchRuns({ orderBy: [`params.t ${direction}`] });
      expect(items.map(({ params }) => params.t)).toEqual([...expected, undefined]);
    }
  });
}
