import { AssayError } from "../core/index.ts";

/** Reads a gate from left to right, and says where it stopped making sense. */
export class GateScanner {
  readonly text: string;
  #at = 0;

  constructor(text: string) {
    this.text = text;
    this.#skip();
  }

  get isAtEnd(): boolean {
    return this.#at >= this.text.length;
  }

  /** What comes next, if it is that; spaces behind it are skipped. @param pattern - Sticky is added. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    const sticky = new RegExp(pattern.source, `${pattern.flags.replace("y", "")}y`);
    sticky.lastIndex = this.#at;
    const match = sticky.exec(this.text);
    if (match === null) return undefined;
    this.#at = sticky.lastIndex;
    this.#skip();
    return match;
  }

  /** @throws {AssayError} `invalid-argument` naming the gate, the place and what was expected there. */
  need(pattern: RegExp, expected: string): RegExpExecArray {
    return this.take(pattern) ?? this.fail(expected);
  }

  /** Whether that comes next; nothing is taken. */
  sees(pattern: RegExp): boolean {
    const at = this.#at;
    const found = this.take(pattern) !== undefined;
    this.#at = at;
    return found;
  }

  fail(expected: string): never {
    const found = this.isAtEnd ? "the end" : `"${this.text.slice(this.#at).slice(0, 20)}"`;
    throw new AssayError(
      "invalid-argument",
      `Gate "${this.text.trim()}": expected ${expected} at character ${this.#at + 1}, found ${found}`,
    );
  }

  #skip(): void {
    while (/\s/.test(this.text[this.#at] ?? "")) this.#at += 1;
  }
}
