/** At least so many decimals are shown. */
const DECIMALS = 4;

/** As many as `toFixed` writes. */
const MOST_DECIMALS = 100;

/** US dollars for people: four decimals, and as many more as a small sum needs to show two digits, not 0. */
export function dollarsText(dollars: number): string {
  const lead = dollars === 0 ? 0 : -Math.floor(Math.log10(Math.abs(dollars)));
  const decimals = Math.min(Math.max(DECIMALS, lead + 1), MOST_DECIMALS);
  const [whole = "", fraction = ""] = dollars.toFixed(decimals).split(".");
  const end = fraction.slice(DECIMALS).replace(/0+$/, "");
  return `$${whole}.${fraction.slice(0, DECIMALS)}${end}`;
}
