/** A deadline whose time can stand still while the work it bounds only waits for its turn. */
export interface Deadline {
  pause(): void;
  resume(): void;
}

const deadlines = new WeakMap<AbortSignal, Deadline>();

/** Says which deadline a signal belongs to. */
export function registerDeadline(signal: AbortSignal, deadline: Deadline): void {
  deadlines.set(signal, deadline);
}

/**
 * Waits without using up the time of the deadline that `signal` belongs to. A limit on how long a model
 * may take must not fail the rows that wait for their turn at a rate limit.
 */
export async function offTheClock<T>(
  signal: AbortSignal | undefined,
  wait: () => Promise<T>,
): Promise<T> {
  const deadline = signal && deadlines.get(signal);
  deadline?.pause();
  try {
    return await wait();
  } finally {
    deadline?.resume();
  }
}
