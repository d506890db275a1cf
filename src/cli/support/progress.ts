import { dollarsText } from "../../core/index.ts";
import type { Progress } from "../../evaluate/index.ts";
import { milliseconds } from "./format.ts";
import { line, type Output } from "./io.ts";
import { oneLine } from "./table.ts";

/** Lines off a terminal come this often at most, counted in rows. */
const LINES = 10;

/** A terminal is rewritten this often at most. */
const REPAINT_MS = 100;

/** Over so long the rate is taken, so that a run that goes on does not begin with a wrong one. */
const RATE_MS = 10_000;

/** Shows progress on `out`: a line that rewrites itself on a terminal, a few plain lines elsewhere. */
export function progressPrinter(out: Output, now = () => performance.now()) {
  let total: number | undefined;
  let noun = "rows";
  let lastShown = 0;
  let lastPainted = Number.NEGATIVE_INFINITY;
  let rate = new RowRate();
  return (progress: Progress): void => {
    switch (progress.kind) {
      case "started": {
        total = progress.trials;
        noun = progress.rows === progress.trials ? "rows" : "trials";
        lastShown = 0;
        rate = new RowRate();
        const size = total === undefined ? "a stream of rows" : `${total} ${noun}`;
        line(out, `${oneLine(progress.name)}: ${size}, scorers ${progress.scorers.join(", ")}`);
        for (const note of progress.notes) line(out, `note: ${note}`);
        return;
      }
      case "row": {
        const { completed } = progress;
        const at = now();
        rate.seen(completed, at);
        const isLast = completed === total;
        if (out.isTerminal) {
          if (!isLast && at - lastPainted < REPAINT_MS) return;
          lastPainted = at;
          out.write(`\r\u001b[K${rowText(progress, { total, noun }, rate)}`);
        } else if (isLast || completed - lastShown >= Math.max(50, (total ?? 0) / LINES)) {
          lastShown = completed;
          line(out, rowText(progress, { total, noun }, rate));
        }
        return;
      }
      case "finished":
        if (out.isTerminal) out.write("\r\u001b[K");
    }
  };
}

function rowText(
  { completed, failed, usage }: Extract<Progress, { kind: "row" }>,
  { total, noun }: { readonly total: number | undefined; readonly noun: string },
  rate: RowRate,
): string {
  const perSecond = rate.perSecond;
  const left = total === undefined ? undefined : total - completed;
  const parts = [
    `${completed}${total === undefined ? "" : ` of ${total}`} ${noun}`,
    failed > 0 && `${failed} failed`,
    perSecond !== undefined && `${perSecond.toPrecision(3)} ${noun}/s`,
    perSecond !== undefined && left !== undefined && left > 0 && etaText(left / perSecond),
    usage.cost !== undefined && dollarsText(usage.cost),
  ];
  return `  ${parts.filter(Boolean).join(", ")}`;
}

const etaText = (seconds: number) => `${milliseconds(seconds * 1000)} left`;

/** Rows per second over the last seconds. */
class RowRate {
  #marks: { readonly completed: number; readonly at: number }[] = [];

  seen(completed: number, at: number): void {
    const last = this.#marks.at(-1);
    if (last !== undefined && at - last.at < REPAINT_MS) return;
    this.#marks.push({ completed, at });
    while (this.#marks.length > 2 && at - (this.#marks[1]?.at ?? at) > RATE_MS) this.#marks.shift();
  }

  /** Absent until there is something to compare. */
  get perSecond(): number | undefined {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (first === undefined || last === undefined || last.at - first.at < 500) return undefined;
    const rate = ((last.completed - first.completed) / (last.at - first.at)) * 1000;
    return rate > 0 ? rate : undefined;
  }
}
