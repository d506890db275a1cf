import type { AssayError } from "../../core/index.ts";
import { quoted, type Source, searchError } from "./search-error.ts";
import { type Token, tokenize } from "./tokenize.ts";

/** Walks over the tokens of a source; it stays at the last one, of kind `end`. */
export class TokenCursor {
  readonly #source: Source;
  readonly #tokens: readonly Token[];
  #index = 0;

  constructor(source: Source) {
    // As stores keep texts: halves of surrogate pairs are replaced, at the same positions.
    this.#source = { ...source, text: source.text.toWellFormed() };
    this.#tokens = tokenize(this.#source);
  }

  get current(): Token {
    return this.#tokens[Math.min(this.#index, this.#tokens.length - 1)] as Token;
  }

  take(): Token {
    const token = this.current;
    this.#index += 1;
    return token;
  }

  /** Moves on if the current token is this word, in any case, without dots or quotes. */
  takeKeyword(word: string): boolean {
    if (keywordOf(this.current) !== word) return false;
    this.#index += 1;
    return true;
  }

  takeSymbol(symbol: string): boolean {
    if (this.current.kind !== "symbol" || this.current.text !== symbol) return false;
    this.#index += 1;
    return true;
  }

  /** The error that `token`, by default the current one, is not what was expected. */
  failure(expected: string, advice?: string, token = this.current): AssayError {
    const found = token.kind === "end" ? "the end" : quoted(token.text);
    return searchError(this.#source, token.position, {
      found,
      expected,
      ...(advice !== undefined && { advice }),
    });
  }
}

/** The token as an upper-case word; `undefined` if it is anything but a bare word. */
export function keywordOf(token: Token): string | undefined {
  const isBare = token.kind === "name" && token.entity === undefined && token.text === token.key;
  return isBare ? token.text.toUpperCase() : undefined;
}
