// Overwrites one artifact again and again, each time with one letter over and over, and says when it is in place.
import { LocalArtifactStore } from "../../../../src/store/artifacts/index.ts";

const [, , root = "", path = ""] = process.argv;
const store = new LocalArtifactStore();
for (let turn = 0; ; turn++) {
  const letter = "abcdefgh"[turn % 8] ?? "";
  await store.write(root, path, letter.repeat(100_000));
  process.stdout.write(`${letter}\n`);
}
