/** What {@link PairNumbers.get} gives for a pair that was never added. */
export const UNKNOWN = -1;

/**
 * Numbers pairs of non-negative integers, counted from 0 in the order in which they were added.
 *
 * An open hash table in one typed array, because counting n-grams spends much of its time here.
 */
export class PairNumbers {
  /** Three cells a slot: first, second, number + 1. A 0 in the last marks a free slot. */
  readonly #cells: Int32Array;
  readonly #mask: number;
  #size = 0;

  /** @param capacity - The most pairs that will be added. */
  constructor(capacity: number) {
    const slots = 2 ** Math.ceil(Math.log2(2 * capacity + 2));
    this.#cells = new Int32Array(3 * slots);
    this.#mask = slots - 1;
  }

  clear(): void {
    this.#cells.fill(0);
    this.#size = 0;
  }

  get(first: number, second: number): number {
    return (this.#cells[this.#cellOf(first, second) + 2] as number) - 1;
  }

  /** The pair's number, a new one where it has none. */
  add(first: number, second: number): number {
    const cell = this.#cellOf(first, second);
    if (this.#cells[cell + 2] === 0) {
      this.#size += 1;
      this.#cells[cell] = first;
      this.#cells[cell + 1] = second;
      this.#cells[cell + 2] = this.#size;
    }
    return (this.#cells[cell + 2] as number) - 1;
  }

  /** Where the pair stands, or the free slot where it would. */
  #cellOf(first: number, second: number): number {
    const cells = this.#cells;
    const hash = Math.imul(Math.imul(first, 0x9e3779b1) ^ second, 0x85ebca6b);
    let slot = (hash ^ (hash >>> 15)) & this.#mask;
    while (
      cells[3 * slot + 2] !== 0 &&
      (cells[3 * slot] !== first || cells[3 * slot + 1] !== second)
    ) {
      slot = (slot + 1) & this.#mask;
    }
    return 3 * slot;
  }
}
