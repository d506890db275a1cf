const FIRST_CAPACITY = 1_024;

/**
 * Numbers of a column whose length only its end tells, eight bytes each. What is outgrown is given back
 * at once: left to the garbage collector, it would be there several times over.
 */
export class NumberColumn {
  #values = new Float64Array(FIRST_CAPACITY);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) this.#resize(this.#values.length * 2);
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  /** Without the room that is left, which would stay as long as the numbers; nothing can be added any more. */
  toArray(): Float64Array {
    this.#resize(this.#length);
    return this.#values;
  }

  #resize(length: number): void {
    const bytes = length * Float64Array.BYTES_PER_ELEMENT;
    this.#values = new Float64Array(this.#values.buffer.transfer(bytes));
  }
}
