import type { Scrubber } from "../../core/index.ts";
import type { ArtifactStore } from "./artifacts.ts";
import type { AssessmentStore } from "./assessments.ts";
import type { DatasetStore } from "./datasets.ts";
import type { ExperimentStore } from "./experiments.ts";
import type { LoggedModelStore } from "./logged-models.ts";
import type { MaintenanceStore } from "./maintenance.ts";
import type { ResponseStore } from "./responses.ts";
import type { ResultStore } from "./results.ts";
import type { RunStore } from "./runs.ts";
import type { TraceStore } from "./traces.ts";
import type { WorkStore } from "./work.ts";

/** Everything a tracking store offers, one port each. */
export interface TrackingStore {
  /** Without its password. */
  readonly uri: string;
  /**
   * Has been over everything that is written but artifacts, which are kept byte by byte: who makes them
   * of texts uses it first.
   */
  readonly scrubber: Scrubber;
  readonly experiments: ExperimentStore;
  readonly runs: RunStore;
  readonly loggedModels: LoggedModelStore;
  readonly results: ResultStore;
  readonly work: WorkStore;
  readonly responses: ResponseStore;
  readonly traces: TraceStore;
  readonly assessments: AssessmentStore;
  readonly datasets: DatasetStore;
  readonly artifacts: ArtifactStore;
  /** Absent where the database is not ours: at a tracking server. */
  readonly maintenance?: MaintenanceStore;
  /** Waits for what is being written, then releases the database. */
  close(): Promise<void>;
}
