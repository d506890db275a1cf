import { offTheClock } from "../core/index.ts";

/** Runs work when its turn has come; `signal` is asked for only where there is a queue. */
type InTurn = <T>(work: () => Promise<T>, signal: () => AbortSignal | undefined) => Promise<T>;

/** Lets through so many at a time; the others wait in the order in which they came, off the clock of their deadlines. */
export function limiter(most: number | undefined): InTurn {
  if (most === undefined) return (work) => work();
  const waiting: (() => void)[] = [];
  let free = most;
  return async (work, signal) => {
    if (free > 0) free -= 1;
    else await offTheClock(signal(), () => new Promise<void>((resolve) => waiting.push(resolve)));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
