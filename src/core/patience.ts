/**
 * What bounds the time of some work, and what of the work's calls it has to know: its time stands still while
 * they wait for their turn, and work of which nothing is under way may be given up without a loss.
 */
export interface Deadline {
  pause(): void;
  resume(): void;
  /** A request is sent. */
  sending(): void;
  /** It came to an answer, or to nothing. */
  settled(hasAnswer: boolean): void;
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

/** Sends a request of which the deadline that `signal` belongs to hears. */
export async function underWay<T>(
  signal: AbortSignal | undefined,
  send: () => Promise<T>,
): Promise<T> {
  const deadline = signal && deadlines.get(signal);
  deadline?.sending();
  let hasAnswer = false;
  try {
    const answer = await send();
    hasAnswer = true;
    return answer;
  } finally {
    deadline?.settled(hasAnswer);
  }
}
