import { createRequire } from "node:module";
import { context } from "@opentelemetry/api";
import { surroundingRun } from "./langchain/open-runs.ts";
import { runContextManager } from "./run-context-manager.ts";

let ensured = false;

/**
 * Makes sure that contexts follow asynchronous code. Without a manager the API silently drops every
 * context; where the program has registered one, that one is used.
 */
export function ensureContextManager(): void {
  if (ensured) return;
  ensured = true;
  // Required at first use: importing Assay must not load it, and spans begin in synchronous code.
  const { AsyncLocalStorageContextManager } = createRequire(import.meta.url)(
    "@opentelemetry/context-async-hooks",
  ) as typeof import("@opentelemetry/context-async-hooks");
  const kept = new AsyncLocalStorageContextManager();
  const manager = runContextManager(kept, surroundingRun).enable();
  if (!context.setGlobalContextManager(manager)) manager.disable();
}
