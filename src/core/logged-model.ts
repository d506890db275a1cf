import type { LifecycleStage } from "./entities.ts";

/** `PENDING` until whoever makes the model says how it went. */
export type LoggedModelStatus = "PENDING" | "READY" | "UPLOAD_FAILED";

/** A point measured on a model, with the run that measured it. */
export interface LoggedModelMetric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
  readonly runId: string;
  readonly datasetName?: string;
  readonly datasetDigest?: string;
}

/** A version of an application or model: what it is made of, its files, and how it did. */
export interface LoggedModel {
  /** `m-` and 32 hex digits. */
  readonly modelId: string;
  readonly experimentId: string;
  readonly name: string;
  readonly modelType?: string;
  readonly status: LoggedModelStatus;
  readonly statusMessage?: string;
  /** The run that made it. */
  readonly sourceRunId?: string;
  readonly artifactUri: string;
  readonly lifecycleStage: LifecycleStage;
  readonly creationTime: number;
  readonly lastUpdateTime: number;
  readonly params: { readonly [key: string]: string };
  readonly tags: { readonly [key: string]: string };
  /** Every point, by key, dataset, step and timestamp. */
  readonly metrics: readonly LoggedModelMetric[];
}
