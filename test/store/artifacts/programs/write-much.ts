// Writes an artifact of 8 MB and says what came of it.
import { isAssayError } from "../../../../src/core/index.ts";
import { LocalArtifactStore } from "../../../../src/store/artifacts/index.ts";

const [, , root = "", path = ""] = process.argv;
const outcome = await new LocalArtifactStore().write(root, path, Buffer.alloc(8_000_000)).then(
  () => "written",
  (error: unknown) => (isAssayError(error) ? `${error.code}: ${error.message}` : String(error)),
);
process.stdout.write(`${outcome}\n`);
