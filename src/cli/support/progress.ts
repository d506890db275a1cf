import type { Progress } from "../../evaluate/index.ts";
import { line, type Output } from "./io.ts";
import { oneLine } from "./table.ts";

/** Lines off a terminal come this often at most, counted in rows. */
const LINES = 10;

/** Shows progress on `out`: a line that rewrites itself on a terminal, a few plain lines elsewhere. */
export function progressPrinter(out: Output): (progress: Progress) => void {
  let total: number | undefined;
  let lastShown = 0;
  return (progress) => {
    switch (progress.kind) {
      case "started": {
        total = progress.trials;
        lastShown = 0;
        const size = total === undefined ? "a stream of rows" : `${total} rows`;
        line(out, `${oneLine(progress.name)}: ${size}, scorers ${progress.scorers.join(", ")}`);
        for (const note of progress.notes) line(out, `note: ${note}`);
        return;
      }
      case "row": {
        const { completed, failed } = progress;
        const text = `  ${completed}${total === undefined ? "" : ` of ${total}`} rows${failed > 0 ? `, ${failed} failed` : ""}`;
        if (out.isTerminal) {
          out.write(`\r\u001b[K${text}`);
        } else if (
          completed === total ||
          completed - lastShown >= Math.max(50, (total ?? 0) / LINES)
        ) {
          lastShown = completed;
          line(out, text);
        }
        return;
      }
      case "finished":
        if (out.isTerminal) out.write("\r\u001b[K");
    }
  };
}
