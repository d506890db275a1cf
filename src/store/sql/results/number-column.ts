const FIRST_CAPACITY = 1_024;

/** Numbers of a column whose length only its end tells, eight bytes each. */
export class NumberColumn {
  #values = new Float64Array(FIRST_CAPACITY);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Float64Array(this.#values.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  /** Without the room that is left, which would stay as long as the numbers. */
  toArray(): Float64Array {
    return this.#values.slice(0, this.#length);
  }
}
