import type { Label, LabelledOutput } from "./labelled-output.ts";

/** A number for each row, eight bytes each, where a list of numbers may take more. */
class Column {
  #values = new Float64Array(64);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  padTo(length: number): void {
    while (this.#length < length) this.push(0);
  }

  values(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }
}

/** The probabilities that a classifier gave, one column a class. */
export class ProbabilityColumns {
  readonly #byLabel = new Map<Label, Column>();
  readonly #byIndex: Column[] = [];
  readonly #positive = new Column();
  #rows = 0;
  #kind: "positive" | "labels" | "indices" | undefined;

  /** Rows that came with no probability, or in another form than the first. */
  #without = 0;

  add({ probability, probabilities }: LabelledOutput): void {
    if (Array.isArray(probabilities)) {
      this.#take("indices", () => {
        probabilities.forEach((value, index) => {
          this.#byIndex[index] ??= new Column();
          this.#push(this.#byIndex[index], value);
        });
      });
    } else if (probabilities !== undefined) {
      this.#take("labels", () => {
        for (const [label, value] of Object.entries(probabilities)) {
          let column = this.#byLabel.get(label);
          if (column === undefined) {
            column = new Column();
            this.#byLabel.set(label, column);
          }
          this.#push(column, value);
        }
      });
    } else if (probability !== undefined) {
      this.#take("positive", () => this.#push(this.#positive, probability));
    } else this.#without += 1;
    this.#rows += 1;
  }

  get rows(): number {
    return this.#rows;
  }

  /** How many rows lack what the first row with probabilities had. */
  get without(): number {
    return this.#without;
  }

  /**
   * The probabilities of each label, in the order given; a label that a row does not name has 0 there.
   *
   * @param positive - The label that a single probability speaks of.
   * @returns Undefined unless every row has probabilities for these labels, in one form.
   */
  of(labels: readonly Label[], positive: Label): Float64Array[] | undefined {
    if (this.#rows === 0 || this.#without > 0) return undefined;
    if (this.#kind === "positive") {
      if (labels.length !== 2 || !labels.includes(positive)) return undefined;
      const values = this.#positive.values();
      return labels.map((label) => (label === positive ? values : values.map((p) => 1 - p)));
    }
    if (this.#kind === "indices") {
      if (this.#byIndex.length !== labels.length) return undefined;
      return this.#byIndex.map((column) => this.#full(column));
    }
    return labels.map((label) => this.#full(this.#byLabel.get(label) ?? new Column()));
  }

  #take(kind: "positive" | "labels" | "indices", push: () => void): void {
    this.#kind ??= kind;
    if (this.#kind === kind) push();
    else this.#without += 1;
  }

  #push(column: Column, value: number): void {
    column.padTo(this.#rows);
    column.push(value);
  }

  #full(column: Column): Float64Array {
    column.padTo(this.#rows);
    return column.values();
  }
}
