export { artifactStoreSuite } from "./artifacts.ts";
export { experimentStoreSuite } from "./experiments.ts";
export type { OpenStore, TestRunner } from "./kit.ts";
export { resultStoreSuite } from "./results.ts";
export { runStoreSuite } from "./runs.ts";
export { traceStoreSuite } from "./traces.ts";
