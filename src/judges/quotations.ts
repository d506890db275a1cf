/** Tells what a judge's reply quotes from the texts that were judged. */
export class Quotations {
  readonly #judged: readonly string[];

  constructor(judged: readonly string[]) {
    this.#judged = judged.map(plain);
  }

  /** Whether `piece` stands in a judged text, emphasis, case and spacing aside, and goes no further there. */
  has(piece: string): boolean {
    const wanted = plain(piece);
    if (wanted === "") return false;
    return this.#judged.some((text) => {
      for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
        if (
          !/^(?:[\p{L}\p{N}]|[./,]\p{N})/u.test(
            text.slice(at + wanted.length, at + wanted.length + 2),
          )
        ) {
          return true;
        }
      }
      return false;
    });
  }
}

function plain(text: string): string {
  return text
    .replace(/["'`*_“”‘’]+/g, "")
    .replace(/\s+/g, " ")
    .toLowerCase()
    .trim();
}
