import { AssayError } from "../core/errors.ts";

/** @throws {AssayError} `invalid-argument` with this message unless the condition holds. */
export function expectThat(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssayError("invalid-argument", message);
}

/** @throws {AssayError} `invalid-argument` for a number outside (0, 1). */
export function expectFraction(name: string, value: number): void {
  expectThat(value > 0 && value < 1, `Expected \`${name}\` to be in (0, 1), got ${value}`);
}

/** @throws {AssayError} `invalid-argument` for lists that cannot be paired. */
export function expectSameLength(a: ArrayLike<unknown>, b: ArrayLike<unknown>): void {
  expectThat(
    a.length === b.length,
    `Expected two lists of the same length, got ${a.length} and ${b.length}`,
  );
}

/** @throws {AssayError} `invalid-argument` for values outside [0, 1]. */
export function expectUnitValues(values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    expectThat(value >= 0 && value <= 1, `Expected values in [0, 1], got ${value}`);
  }
}
