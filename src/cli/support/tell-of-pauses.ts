import { type Pause, processLimiters } from "../../models/pacing/limiters.ts";
import { milliseconds } from "./format.ts";
import { line, type Output } from "./io.ts";

const LOOK_MS = 1_000;

/** Shorter ones are part of every run at a rate limit. */
const WORTH_TELLING_MS = 5_000;

/** Pauses that end so soon after one that was told are not told again: a provider may refuse for long. */
const SAME_MS = 60_000;

/**
 * Says on `out` when a provider keeps an evaluation waiting, once for each pause.
 *
 * @returns Ends it.
 */
export function tellOfPauses(
  out: Output,
  paused: () => readonly Pause[] = () => processLimiters.paused(),
  now: () => number = () => performance.now(),
): () => void {
  /** When the pauses end that were told, by model. */
  const told = new Map<string, number>();
  const look = () => {
    for (const { model, leftMs } of paused()) {
      const end = now() + leftMs;
      const isTold = end < (told.get(model) ?? Number.NEGATIVE_INFINITY) + SAME_MS;
      if (leftMs < WORTH_TELLING_MS || isTold) continue;
      told.set(model, end);
      if (out.isTerminal) out.write("\r\u001b[K");
      line(
        out,
        `  ${model} takes no request for another ${milliseconds(leftMs)}: it asked for the pause`,
      );
    }
  };
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
