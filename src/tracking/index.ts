export { activeRun } from "./active-run.ts";
export type { Figure } from "./figure.ts";
export {
  type DownloadArtifactsOptions,
  downloadArtifacts,
  endRun,
  getRun,
  type ListArtifactsOptions,
  listArtifacts,
  logArtifact,
  logArtifacts,
  logDict,
  logFigure,
  logMetric,
  logMetrics,
  logParam,
  logParams,
  logTable,
  logText,
  type StartRunOptions,
  setTag,
  setTags,
  startRun,
  withRun,
} from "./fluent.ts";
export { ActiveRun, type ParamValue } from "./run-handle.ts";
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
