/**
 * Numbers tokens, so that texts can be compared as arrays of small integers: equal tokens get equal
 * numbers, counted from 0 in the order in which they were first seen.
 */
export class Vocabulary {
  readonly #ids = new Map<string, number>();

  /** How many different tokens were seen. */
  get size(): number {
    return this.#ids.size;
  }

  encode(tokens: readonly string[]): Int32Array {
    const encoded = new Int32Array(tokens.length);
    for (let index = 0; index < tokens.length; index += 1) {
      const token = tokens[index] as string;
      let id = this.#ids.get(token);
      if (id === undefined) {
        id = this.#ids.size;
        this.#ids.set(token, id);
      }
      encoded[index] = id;
    }
    return encoded;
  }
}
