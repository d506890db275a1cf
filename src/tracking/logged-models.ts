import { type LoggedModel, type LoggedModelStatus, withoutAbsent } from "../core/index.ts";
import type { LoggedModelStore, NewLoggedModel } from "../store/ports/index.ts";
import { activeRun } from "./active-run.ts";
import { currentExperiment, currentStore } from "./settings.ts";

/** `sourceRunId` and `experimentId` are the active run's when absent. */
export type InitializeLoggedModelOptions = Partial<NewLoggedModel>;

/** Makes a logged model, PENDING until {@link finalizeLoggedModel}. */
export async function initializeLoggedModel(
  options: InitializeLoggedModelOptions = {},
): Promise<LoggedModel> {
  const run = activeRun();
  const { experimentId = run?.experimentId, sourceRunId = run?.runId } = options;
  return (await models()).createLoggedModel(
    withoutAbsent<NewLoggedModel>({
      ...options,
      experimentId: experimentId ?? (await currentExperiment()).experimentId,
      sourceRunId,
    }),
  );
}

/** Says whether the model is complete. */
export async function finalizeLoggedModel(
  modelId: string,
  status: Exclude<LoggedModelStatus, "PENDING">,
): Promise<LoggedModel> {
  return (await models()).finalizeLoggedModel(modelId, status);
}

/** Resolves to `undefined` if there is no such model, or it is deleted. */
export async function getLoggedModel(modelId: string): Promise<LoggedModel | undefined> {
  return (await models()).getLoggedModel(modelId);
}

export async function setLoggedModelTags(
  modelId: string,
  tags: { readonly [key: string]: string },
): Promise<void> {
  await (await models()).setLoggedModelTags(modelId, tags);
}

/** @throws {AssayError} `not-found` when the model has no such tag. */
export async function deleteLoggedModelTag(modelId: string, key: string): Promise<void> {
  await (await models()).deleteLoggedModelTag(modelId, key);
}

/** @throws {AssayError} `conflict` when the model has a param with another value. */
export async function logModelParams(
  params: { readonly [key: string]: string },
  { modelId }: { readonly modelId: string },
): Promise<void> {
  await (await models()).logLoggedModelParams(modelId, params);
}

export async function deleteLoggedModel(modelId: string): Promise<void> {
  await (await models()).deleteLoggedModel(modelId);
}

async function models(): Promise<LoggedModelStore> {
  return (await currentStore()).loggedModels;
}
