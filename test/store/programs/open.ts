// Opens the store, ensures an experiment and says its id.
import { storeOfProgram } from "./evaluation-program.ts";

const store = await storeOfProgram();
const { experimentId } = await store.experiments.ensureExperiment("shared");
await store.close();
console.log(experimentId);
