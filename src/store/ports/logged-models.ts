import type { LoggedModel, LoggedModelStatus } from "../../core/index.ts";
import type { Page, SearchQuery } from "./search.ts";

export interface NewLoggedModel {
  readonly experimentId: string;
  /** A random adjective-noun-number when absent; without any of `/ : . % " '`. */
  readonly name?: string;
  readonly modelType?: string;
  readonly sourceRunId?: string;
  readonly params?: { readonly [key: string]: string };
  readonly tags?: { readonly [key: string]: string };
}

/** Versions of applications and models, as MLflow 3 logs them. An unknown model is `not-found`. */
export interface LoggedModelStore {
  /** The model is `PENDING` until it is finalized. */
  createLoggedModel(model: NewLoggedModel): Promise<LoggedModel>;
  /** Resolves to `undefined` if there is no such model, or a deleted one that is not asked for. */
  getLoggedModel(
    modelId: string,
    options?: { readonly includeDeleted?: boolean },
  ): Promise<LoggedModel | undefined>;
  /**
   * A page of 100 models unless said. A filter on a metric lets a model through of which one point fits;
   * an order goes by the latest points.
   *
   * @throws {AssayError} `invalid-argument` for a filter, order, page size or token that cannot be used.
   */
  searchLoggedModels(query: SearchQuery): Promise<Page<LoggedModel>>;
  finalizeLoggedModel(
    modelId: string,
    status: Exclude<LoggedModelStatus, "PENDING">,
  ): Promise<LoggedModel>;
  setLoggedModelTags(modelId: string, tags: { readonly [key: string]: string }): Promise<void>;
  /** @throws {AssayError} `not-found` when there is no such tag. */
  deleteLoggedModelTag(modelId: string, key: string): Promise<void>;
  /** @throws {AssayError} `conflict` when a param exists with another value. */
  logLoggedModelParams(modelId: string, params: { readonly [key: string]: string }): Promise<void>;
  deleteLoggedModel(modelId: string): Promise<void>;
  restoreLoggedModel(modelId: string): Promise<void>;
}
