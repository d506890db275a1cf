import { isAssayError } from "../../src/core/index.ts";
import { openStore } from "../../src/store/index.ts";

/** The code and message with which a store at `uri` cannot be opened. */
export async function refusal(uri: string): Promise<{ code: string; message: string }> {
  const error = await openStore(uri).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isAssayError(error)) throw new Error("Expected an AssayError", { cause: error });
  return { code: error.code, message: error.message };
}
