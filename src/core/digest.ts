import { createHash } from "node:crypto";
import { canonicalJson } from "./json.ts";

/** sha256 of a UTF-8 text, as 64 lower-case hex digits. */
export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** sha256 of the canonical JSON of `value`. */
export function digestOf(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** A sha256 over a sequence of texts of unknown length; each text is closed by a newline. */
export function createRollingDigest(): { add(text: string): void; hex(): string } {
  const hash = createHash("sha256");
  return {
    add: (text) => void hash.update(`${text}\n`, "utf8"),
    hex: () => hash.copy().digest("hex"),
  };
}
