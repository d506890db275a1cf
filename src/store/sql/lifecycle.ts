import type { LifecycleStage } from "../../core/index.ts";

/** `purging` is what a garbage collection has taken hold of: its files may be gone, so it cannot come back. */
export type StoredStage = LifecycleStage | "purging";

/** What is being purged is deleted, to all who ask. */
export function shownStage(stage: StoredStage): LifecycleStage {
  return stage === "active" ? "active" : "deleted";
}
