import { AssayError } from "../../core/index.ts";

/** Which part of the rows a run takes, from 1 on. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** The shard of a run, `3/8`, and the gates that the merged run is to be decided by, as tags. */
export const SHARD_TAG = "assay.shard";
export const GATES_TAG = "assay.gates";

/** @throws {AssayError} `invalid-argument` for a text that is not like `3/8`. */
export function readShard(text: string): Shard {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [index, of] = [Number(match?.[1]), Number(match?.[2])];
  if (match !== null && index >= 1 && index <= of) return { index, of };
  throw new AssayError("invalid-argument", `Expected a shard such as 3/8, got "${text}"`);
}
