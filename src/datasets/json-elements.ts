/** One element of a JSON array, as text. */
export interface JsonElement {
  readonly text: string;
  /** The line on which it begins, 1 for the first of the file. */
  readonly line: number;
}

/** What is wrong with the array, and on which line. */
export interface ArrayProblem {
  readonly line: number;
  readonly problem: string;
}

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const NEWLINE = 10;

/**
 * Cuts the text of a JSON array into its elements as it comes, so that a file never has to be held as a
 * whole. Only strings and brackets are understood; whether an element is JSON, its parser tells.
 */
export class JsonArraySplitter {
  #state: "before" | "element" | "after" = "before";
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #line = 1;
  /** Of the element that is being read. */
  #elementLine = 1;
  #parts: string[] = [];
  #count = 0;
  /** Set once; nothing is read after it. */
  problem: ArrayProblem | undefined;

  /** The line that has been reached. */
  get line(): number {
    return this.#line;
  }

  /** The elements that end in this chunk. */
  *push(chunk: string): Generator<JsonElement> {
    let start = 0;
    for (let index = 0; index < chunk.length && this.problem === undefined; index++) {
      const code = chunk.charCodeAt(index);
      if (code === NEWLINE) this.#line += 1;
      if (this.#state === "element") {
        if (!this.#endsElement(code)) continue;
        this.#parts.push(chunk.slice(start, index));
        start = index + 1;
        const text = this.#parts.join("");
        this.#parts = [];
        if (code === CLOSE_LIST) this.#state = "after";
        if (this.#isElement(text, code)) yield { text, line: firstLine(text, this.#elementLine) };
        this.#elementLine = this.#line;
      } else if (!isSpace(code)) {
        this.#begin(code);
        start = index + 1;
      }
    }
    if (this.#state === "element") this.#parts.push(chunk.slice(start));
  }

  /** To be called at the end of the text. */
  end(): void {
    if (this.#state === "before") this.#refuse("expected a JSON array of rows, found nothing");
    if (this.#state !== "element") return;
    this.#refuse(
      `the array is not closed, its row ${this.#count + 1} is the last: the file is cut off`,
    );
  }

  /** Whether a comma or bracket outside of strings and structures has been reached. */
  #endsElement(code: number): boolean {
    if (this.#inString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (code === BACKSLASH) this.#isEscaped = true;
      else if (code === QUOTE) this.#inString = false;
      return false;
    }
    if (code === QUOTE) this.#inString = true;
    else if (code === OPEN_OBJECT || code === OPEN_LIST) this.#depth += 1;
    else if (this.#depth === 0) return code === COMMA || code === CLOSE_LIST;
    else if (code === CLOSE_OBJECT || code === CLOSE_LIST) this.#depth -= 1;
    return false;
  }

  /** Nothing between the brackets is no element; nothing before or after a comma is an error. */
  #isElement(text: string, end: number): boolean {
    if (text.trim() !== "") {
      this.#count += 1;
      return true;
    }
    if (end === CLOSE_LIST && this.#count === 0) return false;
    this.#refuse(`expected a row ${end === COMMA ? "before" : "after"} the comma, found none`);
    return false;
  }

  #begin(code: number): void {
    if (this.#state === "after") this.#refuse("expected nothing after the array, found more");
    else if (code !== OPEN_LIST) this.#refuse("expected a JSON array of rows");
    else this.#state = "element";
    this.#elementLine = this.#line;
  }

  #refuse(problem: string): void {
    this.problem ??= { line: this.#line, problem };
  }
}

function isSpace(code: number): boolean {
  return code === 32 || code === NEWLINE || code === 13 || code === 9;
}

function firstLine(text: string, line: number): number {
  const space = text.slice(0, text.length - text.trimStart().length);
  return line + space.split("\n").length - 1;
}
