/** Lifecycle of experiments and runs, as in MLflow. */
export type LifecycleStage = "active" | "deleted";

export interface Experiment {
  readonly experimentId: string;
  readonly name: string;
  readonly artifactLocation: string;
  readonly lifecycleStage: LifecycleStage;
  /** Milliseconds since the Unix epoch, as every time of an entity. */
  readonly creationTime: number;
  readonly lastUpdateTime: number;
  readonly tags: { readonly [key: string]: string };
}

export const RUN_STATUSES = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export interface RunInfo {
  readonly runId: string;
  readonly experimentId: string;
  readonly name: string;
  readonly status: RunStatus;
  readonly startTime: number;
  readonly endTime?: number;
  readonly artifactUri: string;
  readonly lifecycleStage: LifecycleStage;
}

export interface Metric {
  readonly key: string;
  /** NaN and the infinities are values like any other. */
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

export interface Run extends RunInfo {
  readonly params: { readonly [key: string]: string };
  /** The latest value of each metric: greatest (step, timestamp, value). */
  readonly metrics: { readonly [key: string]: number };
  readonly tags: { readonly [key: string]: string };
}

/** MLflow's reserved tags that Assay writes. */
export const RUN_TAGS = {
  runName: "mlflow.runName",
  parentRunId: "mlflow.parentRunId",
  runType: "mlflow.runType",
} as const;
