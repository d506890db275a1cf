// Merges rows [from, to) into a dataset and prints the result; with "slowly", says when a part of them
// is written and then waits for ever.
import { openStore } from "../../../src/store/index.ts";

const [uri = "", datasetId = "", from, to, slowly] = process.argv.slice(2);
const store = await openStore(uri);
async function* rows() {
  for (let i = Number(from); i < Number(to); i++) yield { inputs: { i }, outputs: from ?? "" };
  if (slowly === undefined) return;
  process.stdout.write("written\n");
  await new Promise((resolve) => setTimeout(resolve, 600_000));
}
const { version, inserted, updated } = await store.datasets.mergeRecords(datasetId, rows());
process.stdout.write(`${JSON.stringify({ version, inserted, updated })}\n`);
await store.close();
