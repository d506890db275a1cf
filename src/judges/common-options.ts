import type { Aggregation, JsonObject } from "../core/index.ts";
import type { ChatParameters } from "../models/index.ts";
import type { JudgeModel } from "./judge-model.ts";
import type { CallOptions, JudgeSpec, ScoringOptions } from "./judge-spec.ts";

/** What every way of making a judge takes. */
export interface CommonJudgeOptions extends ScoringOptions, CallOptions {
  /**
   * A URI, a model object, a LangChain chat model, or a function that takes the prompt and gives the reply.
   * Default: the evaluation's judge model, else `ASSAY_JUDGE_MODEL`.
   */
  readonly model?: JudgeModel;
  /** Replaces the default, `{ temperature: 0 }`, as a whole. */
  readonly parameters?: ChatParameters;
  readonly aggregations?: readonly Aggregation[];
  /** Kept with the plan of each run that uses the judge; of no other meaning. */
  readonly metricMetadata?: JsonObject;
}

type Common = Pick<
  JudgeSpec,
  | "model"
  | "parameters"
  | "aggregations"
  | "metadata"
  | "scoring"
  | "minMass"
  | "samples"
  | "maxWorkers"
  | "extraHeaders"
  | "proxyUrl"
>;

/** The part of a judge that its common options say; an empty list of aggregations is none given. */
export function commonSpec(options: CommonJudgeOptions): Common {
  const { model, parameters, aggregations = [], metricMetadata: metadata } = options;
  const { scoring, minMass, samples, maxWorkers, extraHeaders, proxyUrl } = options;
  return {
    ...(model !== undefined && { model }),
    ...(parameters !== undefined && { parameters }),
    ...(aggregations.length > 0 && { aggregations }),
    ...(metadata !== undefined && { metadata }),
    ...(scoring !== undefined && { scoring }),
    ...(minMass !== undefined && { minMass }),
    ...(samples !== undefined && { samples }),
    ...(maxWorkers !== undefined && { maxWorkers }),
    ...(extraHeaders !== undefined && { extraHeaders }),
    ...(proxyUrl !== undefined && { proxyUrl }),
  };
}
