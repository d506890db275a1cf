import { createHash, hash } from "node:crypto";
import { canonicalJson } from "./json.ts";

/** sha256 of bytes, or of a text as UTF-8, as 64 lower-case hex digits. */
export function sha256(content: string | Uint8Array): string {
  return hash("sha256", content, "hex");
}

/** sha256 of the canonical JSON of `value`. */
export function digestOf(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** Texts are handed to the hash in pieces of about this many characters: each call costs more than its text. */
const PIECE = 65_536;

/** A sha256 over a sequence of texts of unknown length; each text is closed by a newline. */
export function createRollingDigest(): { add(text: string): void; hex(): string } {
  const sum = createHash("sha256");
  let piece = "";
  const flush = () => {
    sum.update(piece, "utf8");
    piece = "";
  };
  return {
    add: (text) => {
      piece += `${text}\n`;
      if (piece.length >= PIECE) flush();
    },
    hex: () => {
      flush();
      return sum.copy().digest("hex");
    },
  };
}
