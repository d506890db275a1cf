export { type OpenStoreOptions, openStore } from "./open.ts";
export type {
  ArtifactStore,
  EvaluationOutcome,
  EvaluationPlan,
  EvaluationRecord,
  EvaluationStatus,
  ExperimentStore,
  NewResult,
  NewRun,
  NewScore,
  ResultCounts,
  ResultQuery,
  ResultStore,
  RunStore,
  ScoreCounts,
  ScoreValues,
  TraceQuery,
  TraceStore,
  TrackingStore,
} from "./ports.ts";
export { DEFAULT_TRACKING_URI, parseTrackingUri, resolveTrackingUri } from "./uri.ts";
