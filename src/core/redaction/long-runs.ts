export const MASK = "[redacted]";

/** Characters of a piece; no credential is as long. */
const PIECE = 1 << 16;

const BREAK = /[\s"']/g;

/** What a credential is not made of. */
const NO_KEY = /[^A-Za-z0-9_.~+/=%-]/g;

/**
 * `text` after `mask`, where some runs of characters without a break are too long to be looked at as a whole:
 * each of them is masked piece by piece.
 */
export function inPieces(text: string, mask: (piece: string) => string): string {
  let shown = "";
  let from = 0;
  for (let start = 0; start < text.length; ) {
    const end = next(BREAK, text, start);
    if (end - start > PIECE) {
      shown += mask(text.slice(from, start)) + maskedRun(text.slice(start, end), mask);
      from = end;
    }
    start = end + 1;
  }
  return shown + mask(text.slice(from));
}

/** Looked at twice, because a credential may lie across the end of a piece: then it lies within another. */
function maskedRun(run: string, mask: (piece: string) => string): string {
  return maskedPieces(maskedPieces(run, mask, PIECE), mask, PIECE / 2);
}

/**
 * What goes on behind a credential at the end of a piece is taken for a part of it.
 *
 * @param first - Length of the first piece; the others are of {@link PIECE}.
 */
function maskedPieces(run: string, mask: (piece: string) => string, first: number): string {
  let shown = "";
  for (let at = 0, end = first; at < run.length; end = at + PIECE) {
    const piece = mask(run.slice(at, end));
    shown += piece;
    at = piece.endsWith(MASK) ? next(NO_KEY, run, Math.min(end, run.length)) : end;
  }
  return shown;
}

/** Where a global expression matches next; the end of the text where it does not. */
function next(expression: RegExp, text: string, from: number): number {
  expression.lastIndex = from;
  return expression.exec(text)?.index ?? text.length;
}
