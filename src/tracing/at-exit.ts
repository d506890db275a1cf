const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

let isInstalled = false;

/**
 * Runs `flush` when the program has nothing left to do, and `keep` when it ends at once: by
 * `process.exit`, an uncaught error, or a signal that nobody else handles, which then ends it as before.
 */
export function atExit(flush: () => Promise<void>, keep: () => void): void {
  if (isInstalled) return;
  isInstalled = true;
  let isFlushed = false;
  process.on("beforeExit", () => {
    if (isFlushed) return;
    // Once: the flush may itself give the loop something to do.
    isFlushed = true;
    void flush();
  });
  process.on("exit", keep);
  for (const signal of SIGNALS) {
    const listener = () => {
      keep();
      // Another listener decides what becomes of the program.
      if (process.listenerCount(signal) > 1) return;
      process.off(signal, listener);
      process.kill(process.pid, signal);
    };
    process.on(signal, listener);
  }
}
