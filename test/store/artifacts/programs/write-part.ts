// Begins to write an artifact and says so when a part is on its way; the rest never comes.
import { LocalArtifactStore } from "../../../../src/store/artifacts/index.ts";

const [, , root = "", path = ""] = process.argv;
async function* content(): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(100_000, "half");
  process.stdout.write("begun\n");
  await new Promise((resolve) => process.stdin.once("data", resolve));
}
await new LocalArtifactStore().write(root, path, content());
