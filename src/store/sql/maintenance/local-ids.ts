/** Ids of a table in ascending order, and the places 1, 2, … at which they stand: 8 bytes each. */
export class LocalIds {
  #ids = new Float64Array(1024);
  #count = 0;

  /** @param id - Greater than all before. */
  add(id: number): number {
    if (this.#count === this.#ids.length) {
      const larger = new Float64Array(this.#ids.length * 2);
      larger.set(this.#ids);
      this.#ids = larger;
    }
    this.#ids[this.#count] = id;
    this.#count += 1;
    return this.#count;
  }

  placeOf(id: number): number | undefined {
    let low = 0;
    let high = this.#count - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.#ids[middle] as number;
      if (found === id) return middle + 1;
      if (found < id) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  idAt(place: number): number | undefined {
    return place >= 1 && place <= this.#count ? this.#ids[place - 1] : undefined;
  }
}
