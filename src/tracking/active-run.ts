import { AsyncLocalStorage } from "node:async_hooks";
import { AssayError } from "../core/index.ts";
import type { ActiveRun } from "./run-handle.ts";

/** The part of a program in which runs are begun and ended one inside another. */
interface Scope {
  /** The run of the `withRun` that opened the scope; absent for the program as a whole. */
  readonly run?: ActiveRun;
  /** Runs begun here with `startRun` and not ended, innermost last. */
  readonly started: ActiveRun[];
  /** The run that was begun here last, ended or not. */
  last?: ActiveRun;
}

const program: Scope = { started: [] };
const scopes = new AsyncLocalStorage<Scope>();

/** The innermost active run: the one `startRun` began last here, else that of the `withRun` around this code. */
export function activeRun(): ActiveRun | undefined {
  const { run, started } = currentScope();
  return started.at(-1) ?? run;
}

/** @throws {AssayError} `conflict` when no run is active. */
export function currentRun(): ActiveRun {
  const run = activeRun();
  if (run !== undefined) return run;
  throw new AssayError(
    "conflict",
    "No run is active. Call startRun() first, or log inside withRun().",
  );
}

/** The run that was begun last in this part of the program, else the one around it. */
export function lastRun(): ActiveRun | undefined {
  const { last, run } = currentScope();
  return last ?? run;
}

export function noteRun(run: ActiveRun): void {
  currentScope().last = run;
}

export function withActiveRun<T>(run: ActiveRun, work: () => T): T {
  return scopes.run({ run, started: [] }, work);
}

export function pushRun(run: ActiveRun): void {
  currentScope().started.push(run);
}

/** Takes out the run that `startRun` began last; never that of a `withRun`, which ends by itself. */
export function popRun(): ActiveRun | undefined {
  return currentScope().started.pop();
}

function currentScope(): Scope {
  return scopes.getStore() ?? program;
}
