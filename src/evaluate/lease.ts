import { readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { AssayError } from "../core/index.ts";
import type { EvaluationLease, TrackingStore } from "../store/index.ts";

/** How long work stays with a worker that gives no sign of life. */
export const LEASE_MS = 60_000;
export const RENEWAL_MS = 15_000;

const SEPARATOR = "#";

/** Containers on one machine may share its name, and yet do not see each other's processes. */
const NAMESPACE = processNamespace();

/** In seconds, which tells this process from an earlier one of the same number. */
const STARTED = Math.round(Date.now() / 1000 - process.uptime());

let workers = 0;

/** A name for one evaluation under way, which says where and in which process that is. */
export function newWorker(): string {
  workers += 1;
  return [hostname(), process.pid, STARTED, workers, NAMESPACE].join(SEPARATOR);
}

/**
 * Takes the evaluation for a worker, so that no two work on it unawares, and keeps it until the function
 * it resolves to is called.
 *
 * @throws {AssayError} `conflict` while another one that is alive holds it.
 */
export async function holdEvaluation(
  store: Pick<TrackingStore, "results">,
  runId: string,
): Promise<() => Promise<void>> {
  const hold = await tryToHold(store, runId, newWorker());
  if (typeof hold === "function") return hold;
  throw isHeld(runId, hold);
}

/** The same; resolves to who holds it where that is another one. */
export async function tryToHold(
  { results }: Pick<TrackingStore, "results">,
  runId: string,
  worker: string,
): Promise<(() => Promise<void>) | EvaluationLease> {
  const take = (name = worker, ttlMs = LEASE_MS) =>
    results.leaseEvaluation(runId, { worker: name, until: Date.now() + ttlMs });
  let holder = await take();
  if (holder !== undefined && isDead(holder.worker)) {
    // In the name of the dead one, because the store gives it to nobody else before its time.
    await take(holder.worker, -LEASE_MS);
    holder = await take();
  }
  if (holder !== undefined) return holder;
  // One renewal that fails is made good by the next.
  const timer = setInterval(() => void take().catch(() => undefined), RENEWAL_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await Promise.allSettled([take(worker, -LEASE_MS)]);
  };
}

/** Known at once of processes of this machine; of others, time tells. */
export function isDead(worker: string): boolean {
  const [host, pid, started, , namespace] = worker.split(SEPARATOR);
  if (host !== hostname() || namespace !== NAMESPACE) return false;
  if (Number(pid) === process.pid) return Math.abs(Number(started) - STARTED) > 1;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

/** Empty where processes all have one, or it is not told. */
function processNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function isHeld(runId: string, { worker, until }: EvaluationLease): AssayError {
  const [host, pid] = worker.split(SEPARATOR);
  const seconds = Math.max(1, Math.ceil((until - Date.now()) / 1000));
  return new AssayError(
    "conflict",
    `Run ${runId} is being worked on by process ${pid} on ${host}. Wait for it or stop it; without a sign of life it is free in ${seconds} s.`,
  );
}
