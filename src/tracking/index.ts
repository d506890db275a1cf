export { activeRun, withActiveRun } from "./active-run.ts";
export {
  type DownloadArtifactsOptions,
  downloadArtifacts,
  type ListArtifactsOptions,
  listArtifacts,
} from "./artifacts.ts";
export {
  deleteAssessment,
  type ExpectationOptions,
  type FeedbackOptions,
  getAssessment,
  getTrace,
  logExpectation,
  logFeedback,
  type SearchTracesOptions,
  type SummarizeTracesOptions,
  searchTraces,
  summarizeTraces,
  updateAssessment,
} from "./assessments.ts";
export { logInBatches } from "./batches.ts";
export {
  addDatasetToExperiments,
  createDataset,
  type DatasetExperiments,
  type DatasetKey,
  deleteDataset,
  deleteDatasetTag,
  type GetDatasetOptions,
  getDataset,
  removeDatasetFromExperiments,
  type SearchDatasetsOptions,
  searchDatasets,
  setDatasetTags,
} from "./datasets.ts";
export {
  type CreateExperimentOptions,
  createExperiment,
  deleteExperiment,
  deleteExperimentTag,
  getExperiment,
  getExperimentByName,
  renameExperiment,
  restoreExperiment,
  setExperimentTag,
  setExperimentTags,
} from "./experiments.ts";
export type { Figure } from "./figure.ts";
export {
  deleteLoggedModel,
  deleteLoggedModelTag,
  finalizeLoggedModel,
  getLoggedModel,
  type InitializeLoggedModelOptions,
  initializeLoggedModel,
  logModelParams,
  setLoggedModelTags,
} from "./logged-models.ts";
export {
  deleteTag,
  logArtifact,
  logArtifacts,
  logDict,
  logFigure,
  logInput,
  logInputs,
  logMetric,
  logMetrics,
  logOutputs,
  logParam,
  logParams,
  logTable,
  logText,
  setTag,
  setTags,
} from "./logging.ts";
export {
  ActiveRun,
  type DatasetDescription,
  type DatasetUse,
  type LoggedInputs,
  type MetricOptions,
  type ParamValue,
} from "./run-handle.ts";
export {
  deleteRun,
  endRun,
  getRun,
  lastActiveRun,
  restoreRun,
  type StartRunOptions,
  startRun,
  withRun,
} from "./runs.ts";
export {
  getMetricHistory,
  type SearchExperimentsOptions,
  type SearchLoggedModelsOptions,
  type SearchOptions,
  type SearchRunsOptions,
  searchExperiments,
  searchLoggedModels,
  searchRuns,
  type ViewType,
} from "./search.ts";
export {
  closeStores,
  configure,
  currentExperiment,
  currentExperimentName,
  currentStore,
  experimentNameFrom,
  getTrackingUri,
  setExperiment,
  setTrackingUri,
  storeAt,
} from "./settings.ts";
export { systemTags } from "./system-tags.ts";
export { LOGGED_ARTIFACTS_TAG, loggedArtifactsWith } from "./table.ts";
export { waitingTraces } from "./trace-spool.ts";
