export { artifactRootUri, openArtifactStore, RoutedArtifactStore } from "./artifacts/index.ts";
export { type OpenStoreOptions, openStore } from "./open.ts";
export type {
  ArtifactContent,
  ArtifactEntry,
  ArtifactFile,
  ArtifactStore,
  ArtifactStream,
  ByteRange,
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
  WrittenArtifact,
} from "./ports.ts";
export { DEFAULT_TRACKING_URI, parseTrackingUri, resolveTrackingUri } from "./uri.ts";
