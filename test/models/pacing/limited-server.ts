/** How a provider counts: milliseconds to wait where it takes no request at `now`. */
export type Admission = (now: number) => number | undefined;

const wholeSeconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000)) * 1000;

/** `burst` requests at once, and `perSecond` in the long run. */
export function tokenBucket(perSecond: number, burst: number): Admission {
  let level = burst;
  let last = 0;
  return (now) => {
    level = Math.min(burst, level + ((now - last) * perSecond) / 1000);
    last = now;
    if (level < 1) return wholeSeconds(((1 - level) * 1000) / perSecond);
    level -= 1;
    return undefined;
  };
}

/** So many requests within any second. */
export function slidingWindow(perSecond: number): Admission {
  const taken: number[] = [];
  return (now) => {
    while (taken[0] !== undefined && taken[0] <= now - 1000) taken.shift();
    if (taken.length >= perSecond) return wholeSeconds((taken[0] as number) + 1000 - now);
    taken.push(now);
    return undefined;
  };
}

/** So many requests within each second of the clock. */
export function fixedWindow(perSecond: number): Admission {
  let second = -1;
  let count = 0;
  return (now) => {
    const current = Math.floor(now / 1000);
    if (current !== second) count = 0;
    second = current;
    count += 1;
    return count > perSecond ? wholeSeconds((current + 1) * 1000 - now) : undefined;
  };
}
