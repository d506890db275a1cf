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
  /** The logged model that was measured: it keeps the point as well. */
  readonly modelId?: string;
  /** The data that the model was measured on; kept with the point of the model. */
  readonly datasetName?: string;
  readonly datasetDigest?: string;
}

/** A dataset as a run knows it: within an experiment, name and digest say which. */
export interface InputDataset {
  readonly name: string;
  /** Of the content, in whatever way its source computes it; at most 36 characters. */
  readonly digest: string;
  /** What kind of thing `source` is, e.g. `local`, `http`, `s3`. */
  readonly sourceType: string;
  /** Where the data came from: a path, a URL or JSON. */
  readonly source: string;
  /** JSON, as the writer chooses. */
  readonly schema?: string;
  readonly profile?: string;
}

export interface DatasetInput {
  readonly dataset: InputDataset;
  /** What this run used it for is the tag `mlflow.data.context`, e.g. `eval`. */
  readonly tags: { readonly [key: string]: string };
}

export interface ModelInput {
  readonly modelId: string;
}

export interface ModelOutput extends ModelInput {
  /** The step of the run at which the model was made. */
  readonly step: number;
}

export interface RunInputs {
  readonly datasets: readonly DatasetInput[];
  readonly models: readonly ModelInput[];
}

export interface Run extends RunInfo {
  readonly params: { readonly [key: string]: string };
  /** The latest value of each metric: greatest (step, timestamp, value). */
  readonly metrics: { readonly [key: string]: number };
  readonly tags: { readonly [key: string]: string };
  /** What the run used. */
  readonly inputs: RunInputs;
  /** What the run made. */
  readonly outputs: { readonly models: readonly ModelOutput[] };
}

/** MLflow's reserved tags that Assay writes. */
export const RUN_TAGS = {
  runName: "mlflow.runName",
  parentRunId: "mlflow.parentRunId",
  runType: "mlflow.runType",
  note: "mlflow.note.content",
  user: "mlflow.user",
  artifactLocation: "mlflow.artifactLocation",
  sourceName: "mlflow.source.name",
  sourceType: "mlflow.source.type",
  gitCommit: "mlflow.source.git.commit",
  gitBranch: "mlflow.source.git.branch",
  gitDirty: "mlflow.source.git.dirty",
  gitRepoUrl: "mlflow.source.git.repoURL",
} as const;

/** The tag of an input dataset that says what the run used it for. */
export const DATASET_CONTEXT_TAG = "mlflow.data.context";

/** The source type of an input dataset that is registered in the store; its source names id and version. */
export const REGISTERED_DATASET = "assay-dataset";
