// Commits rows [from, to) of a run, eight at a time, and says each when it is acknowledged.
import { commitRow, storeOfProgram } from "./evaluation-program.ts";

const [runId = "", from, to] = process.argv.slice(3);
const store = await storeOfProgram();
let next = Number(from);
async function work(): Promise<void> {
  while (next < Number(to)) {
    const ordinal = next++;
    await commitRow(store, runId, ordinal);
    process.stdout.write(`${ordinal}\n`);
  }
}
await Promise.all(Array.from({ length: 8 }, work));
await store.close();
