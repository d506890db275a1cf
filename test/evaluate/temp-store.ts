import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import type { ResultRow, Summary } from "../../src/core/index.ts";
import { type EvaluateOptions, type EvaluateResult, evaluate } from "../../src/evaluate/index.ts";
import type { TrackingStore } from "../../src/store/index.ts";
import { closeStores, storeAt } from "../../src/tracking/index.ts";
import { tempFolder } from "../store/temp-folder.ts";

export interface TempStore {
  readonly uri: string;
  /** Evaluates into this store. */
  evaluate(options: EvaluateOptions): Promise<EvaluateResult>;
  open(): Promise<TrackingStore>;
  /** What it rejects with; afterwards there is neither a run nor a database. */
  refuses(options: EvaluateOptions): Promise<unknown>;
}

/** A store in a folder of its own for each test of a file. */
export function useTempStore(): TempStore {
  let file = "";
  beforeEach(() => {
    file = join(tempFolder(), "assay.db");
  });
  afterEach(closeStores);
  return {
    get uri() {
      return `sqlite:///${file}`;
    },
    evaluate(options) {
      return evaluate({ trackingUri: this.uri, env: {}, ...options });
    },
    open() {
      return storeAt(this.uri);
    },
    async refuses(options) {
      const [outcome] = await Promise.allSettled([this.evaluate(options)]);
      expect(outcome.status).toBe("rejected");
      expect(existsSync(file)).toBe(false);
      return outcome.status === "rejected" ? outcome.reason : undefined;
    },
  };
}

export async function rowsOf(result: EvaluateResult): Promise<ResultRow[]> {
  const rows: ResultRow[] = [];
  for await (const row of result.rows()) rows.push(row);
  return rows;
}

/** Every planned score is accounted for. */
export function expectWhole({ n, scored, failed, notApplicable, missing }: Summary): void {
  expect(scored + failed + notApplicable + missing).toBe(n);
}

/** Rows `{ i: 0 }`, `{ i: 1 }` … */
export function numbered(count: number): { i: number }[] {
  return Array.from({ length: count }, (_, i) => ({ i }));
}

/** Resolves once `arrive` was called `count` times; `waited` is what it resolves with. */
export function meeting(count: number): {
  readonly arrive: () => Promise<void>;
  readonly waited: Promise<void>;
} {
  const { promise, resolve } = Promise.withResolvers<void>();
  let arrived = 0;
  return {
    arrive: () => {
      arrived += 1;
      if (arrived >= count) resolve();
      return promise;
    },
    waited: promise,
  };
}
