export { activeRun } from "./active-run.ts";
export {
  endRun,
  getRun,
  logArtifact,
  logDict,
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
  currentExperiment,
  currentExperimentName,
  currentStore,
  experimentNameFrom,
  getTrackingUri,
  setExperiment,
  setTrackingUri,
  storeAt,
} from "./settings.ts";
