import { AssayError } from "../core/index.ts";
import type { MaintenanceStore, TrackingStore } from "./ports/index.ts";
import { storeName } from "./uri.ts";

/** @throws {AssayError} `configuration` for a store whose database is not ours to maintain. */
export function maintenanceOf(store: TrackingStore): MaintenanceStore {
  if (store.maintenance !== undefined) return store.maintenance;
  throw new AssayError(
    "configuration",
    `${storeName(store.uri)} is kept by a server. Run this where its database is, with the database's own URI.`,
  );
}
