/** Lets through so many at a time; the others wait in the order in which they came. */
export function limiter(most: number | undefined): <T>(work: () => Promise<T>) => Promise<T> {
  if (most === undefined) return (work) => work();
  const waiting: (() => void)[] = [];
  let free = most;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
