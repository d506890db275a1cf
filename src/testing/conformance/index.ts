import { artifactStoreSuite } from "./artifacts.ts";
import { assessmentStoreSuite } from "./assessments.ts";
import { datasetStoreSuite } from "./datasets.ts";
import { experimentStoreSuite } from "./experiments.ts";
import type { OpenStore, TestRunner } from "./kit.ts";
import { loggedModelStoreSuite } from "./logged-models.ts";
import { metricSamplesSuite } from "./metric-samples.ts";
import { responseStoreSuite } from "./responses.ts";
import { resultStoreSuite } from "./results.ts";
import { runStoreSuite } from "./runs.ts";
import { searchSuite } from "./search.ts";
import { secretsSuite } from "./secrets.ts";
import { traceStoreSuite } from "./traces.ts";
import { workStoreSuite } from "./work.ts";

export type { OpenArtifactStore } from "./artifacts.ts";
export type { OpenStore, TestRunner } from "./kit.ts";
export {
  artifactStoreSuite,
  assessmentStoreSuite,
  datasetStoreSuite,
  experimentStoreSuite,
  loggedModelStoreSuite,
  metricSamplesSuite,
  responseStoreSuite,
  resultStoreSuite,
  runStoreSuite,
  searchSuite,
  secretsSuite,
  traceStoreSuite,
  workStoreSuite,
};

/** What every tracking store does, port by port. */
export function trackingStoreSuites(runner: TestRunner, open: OpenStore): void {
  experimentStoreSuite(runner, open);
  runStoreSuite(runner, open);
  responseStoreSuite(runner, open);
  metricSamplesSuite(runner, open);
  loggedModelStoreSuite(runner, open);
  resultStoreSuite(runner, open);
  workStoreSuite(runner, open);
  traceStoreSuite(runner, open);
  assessmentStoreSuite(runner, open);
  searchSuite(runner, open);
  datasetStoreSuite(runner, open);
  artifactStoreSuite(runner, open);
  secretsSuite(runner, open);
}
