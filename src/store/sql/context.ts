import type { Clock, Scrubber } from "../../core/index.ts";
import type { SqlEngine } from "./engine.ts";
import type { GroupCommit } from "./group-commit.ts";

/** What every part of a store on SQL works with. */
export interface SqlContext {
  readonly engine: SqlEngine;
  readonly commits: GroupCommit;
  readonly clock: Clock;
  /** Takes secrets out of everything that is written. */
  readonly scrubber: Scrubber;
  /** URI of the folder in which new experiments keep their files. */
  readonly artifactRoot: string;
}
