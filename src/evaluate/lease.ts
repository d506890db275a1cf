import { hostname } from "node:os";
import { AssayError } from "../core/index.ts";
import type { EvaluationLease, TrackingStore } from "../store/index.ts";

/** How long an evaluation stays with a worker that gives no sign of life. */
const LEASE_MS = 60_000;
const RENEWAL_MS = 15_000;

const SEPARATOR = "#";

/** Who this is: the machine and the process, told apart from an earlier one of the same number. */
const WORKER = [hostname(), process.pid, Date.now() - Math.round(performance.now())].join(
  SEPARATOR,
);

/**
 * Takes the evaluation for this process, so that no two work on it unawares, and keeps it until the
 * function it resolves to is called.
 *
 * @throws {AssayError} `conflict` while another process that is alive holds it.
 */
export async function holdEvaluation(
  { results }: Pick<TrackingStore, "results">,
  runId: string,
): Promise<() => void> {
  const take = (worker = WORKER) =>
    results.leaseEvaluation(runId, { worker, until: Date.now() + LEASE_MS });
  const holder = await take();
  if (holder !== undefined) {
    if (!isDead(holder)) throw isHeld(runId, holder);
    // In the name of the dead one, because the store gives it to nobody else before its time.
    await results.leaseEvaluation(runId, { worker: holder.worker, until: 0 });
    const other = await take();
    if (other !== undefined) throw isHeld(runId, other);
  }
  const timer = setInterval(() => void take().catch(() => undefined), RENEWAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Known at once of processes of this machine; of others, time tells. */
function isDead({ worker }: EvaluationLease): boolean {
  const [host, pid] = worker.split(SEPARATOR);
  if (host !== hostname() || Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
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
