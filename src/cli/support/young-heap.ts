import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Bytes. */
const LARGE_ENOUGH = 16 << 20;

const LOOK_MS = 20;

/**
 * Keeps the part of the heap where new objects are made from growing beyond 16 MB. V8 would let it grow
 * to 130 MB, which makes a long evaluation no faster. Its size limit is fixed when the process starts;
 * what can still be set is the factor by which it grows.
 */
export function keepYoungHeapSmall(): void {
  const timer = setInterval(() => {
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
    if (young === undefined || young.space_size < LARGE_ENOUGH) return;
    setFlagsFromString("--semi-space-growth-factor=1");
    clearInterval(timer);
  }, LOOK_MS);
  timer.unref();
}
