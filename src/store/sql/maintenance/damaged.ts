import { AssayError } from "../../../core/index.ts";

export function damaged(problem: string): AssayError {
  return new AssayError("invalid-argument", `The export is damaged: ${problem}`);
}
