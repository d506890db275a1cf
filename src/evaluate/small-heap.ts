import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Bytes. */
const LARGE_ENOUGH = 16 << 20;

const LOOK_MS = 20;

let isKept = false;

/**
 * Keeps the heap of this process small, from now on: rows that wait for nothing make garbage as fast as it
 * can be made. V8 would let the part where objects are made grow to 130 MB, which makes nothing faster, and
 * the rest to four times what is in use before it cleans up. Size limits are fixed when a process starts;
 * what can still be set is how fast either grows.
 */
export function keepHeapSmall(): void {
  if (isKept) return;
  isKept = true;
  setFlagsFromString("--heap-growing-percent=100");
  const timer = setInterval(() => {
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
    if (young === undefined || young.space_size < LARGE_ENOUGH) return;
    setFlagsFromString("--semi-space-growth-factor=1");
    clearInterval(timer);
  }, LOOK_MS);
  timer.unref();
}
