import { artifactStoreSuite } from "./artifacts.ts";
import { experimentStoreSuite } from "./experiments.ts";
import type { OpenStore, TestRunner } from "./kit.ts";
import { resultStoreSuite } from "./results.ts";
import { runStoreSuite } from "./runs.ts";
import { traceStoreSuite } from "./traces.ts";

export type { OpenArtifactStore } from "./artifacts.ts";
export type { OpenStore, TestRunner } from "./kit.ts";
export {
  artifactStoreSuite,
  experimentStoreSuite,
  resultStoreSuite,
  runStoreSuite,
  traceStoreSuite,
};

/** What every tracking store does, port by port. */
export function trackingStoreSuites(runner: TestRunner, open: OpenStore): void {
  experimentStoreSuite(runner, open);
  runStoreSuite(runner, open);
  resultStoreSuite(runner, open);
  traceStoreSuite(runner, open);
  artifactStoreSuite(runner, open);
}
