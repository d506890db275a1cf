import { readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { AssayError } from "../core/index.ts";
import type { EvaluationLease, TrackingStore } from "../store/index.ts";
import { StopWithin } from "./within-deadline.ts";

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

/** An evaluation that a worker holds. */
export interface Hold {
  readonly worker: string;
  /** Aborted when another one has taken the evaluation, as after a sleep of this machine. */
  readonly lost: AbortSignal;
  /** Looks whether it is still held. @throws {AssayError} `conflict` when it is not. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the evaluation for a worker, so that no two work on it unawares, and keeps it until it is released.
 *
 * @throws {AssayError} `conflict` while another one that is alive holds it.
 */
export async function holdEvaluation(
  store: Pick<TrackingStore, "results">,
  runId: string,
): Promise<Hold> {
  const hold = await tryToHold(store, runId, newWorker());
  if ("release" in hold) return hold;
  throw isHeld(runId, hold);
}

/** The same; resolves to who holds it where that is another one. */
export async function tryToHold(
  { results }: Pick<TrackingStore, "results">,
  runId: string,
  worker: string,
): Promise<Hold | EvaluationLease> {
  const take = () => results.leaseEvaluation(runId, { worker, ttlMs: LEASE_MS });
  let holder = await take();
  if (holder !== undefined && isDead(holder.worker)) {
    // In the name of the dead one, because the store gives it to nobody else before its time.
    await results.renewLease(runId, { worker: holder.worker, ttlMs: -LEASE_MS });
    holder = await take();
  }
  if (holder !== undefined) return holder;
  const lost = new AbortController();
  const renew = async () => {
    if (await results.renewLease(runId, { worker, ttlMs: LEASE_MS })) return;
    clearInterval(timer);
    // Nothing in flight is waited for: whoever has the run now makes it as well.
    lost.abort(new StopWithin(0));
  };
  // One renewal that fails is made good by the next.
  const timer = setInterval(() => void renew().catch(() => undefined), RENEWAL_MS);
  timer.unref();
  return {
    worker,
    lost: lost.signal,
    check: async () => {
      if (!lost.signal.aborted) await renew();
      if (lost.signal.aborted) throw isLost(runId);
    },
    release: async () => {
      clearInterval(timer);
      await Promise.allSettled([results.renewLease(runId, { worker, ttlMs: -LEASE_MS })]);
    },
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

function isLost(runId: string): AssayError {
  return new AssayError(
    "conflict",
    `Run ${runId} was taken over by another process after more than ${LEASE_MS / 1000} s without a sign of life from this one, which has stopped. What it committed is kept; see the run for what becomes of it.`,
  );
}

function isHeld(runId: string, { worker, ttlMs }: EvaluationLease): AssayError {
  const [host, pid] = worker.split(SEPARATOR);
  const seconds = Math.max(1, Math.ceil(ttlMs / 1000));
  return new AssayError(
    "conflict",
    `Run ${runId} is being worked on by process ${pid} on ${host}. Wait for it or stop it; without a sign of life it is free in ${seconds} s.`,
  );
}
