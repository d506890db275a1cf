import { isAssayError } from "../../core/index.ts";
import type { TrackingStore } from "../../store/index.ts";

/** The slice of a test runner that the suites use: Vitest's and Jest's fit as they are. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  test(name: string, body: () => Promise<void>): unknown;
  expect(actual: unknown): {
    toBe(expected: unknown): void;
    toEqual(expected: unknown): void;
  };
}

/** Opens an empty store. The suite closes it; what it leaves behind is the caller's to remove. */
export type OpenStore = () => Promise<TrackingStore>;

/** A test that gets a fresh store, closed afterwards whatever happens. */
export type StoreTest = (name: string, body: (store: TrackingStore) => Promise<void>) => void;

export function storeTests({ test }: TestRunner, open: OpenStore): StoreTest {
  return (name, body) => {
    test(name, async () => {
      const store = await open();
      try {
        await body(store);
      } finally {
        await store.close();
      }
    });
  };
}

/** The code and message of the {@link AssayError} that `promise` rejects with. */
export async function rejection(
  promise: Promise<unknown>,
): Promise<{ readonly code: string; readonly message: string }> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isAssayError(error)) {
    throw new Error("Expected an AssayError", { cause: error });
  }
  return { code: error.code, message: error.message };
}

/** A run in an experiment of its own. */
export async function newRun(store: TrackingStore): Promise<string> {
  const { experimentId } = await store.experiments.ensureExperiment("conformance");
  return (await store.runs.createRun({ experimentId })).runId;
}
