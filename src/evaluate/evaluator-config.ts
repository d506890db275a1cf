import { AssayError } from "../core/index.ts";
import type { DefaultScorersConfig } from "../metrics/index.ts";

/** MLflow's `evaluator_config`: settings of the default metrics, in our spelling or in MLflow's. */
export interface EvaluatorConfig extends Omit<DefaultScorersConfig, "labels"> {
  /** The classes in order. */
  readonly labelList?: DefaultScorersConfig["labels"];
  readonly labels?: DefaultScorersConfig["labels"];
  readonly retriever_k?: number;
  readonly pos_label?: DefaultScorersConfig["posLabel"];
  readonly label_list?: DefaultScorersConfig["labels"];
}

const SETTINGS: { readonly [spelling in keyof Required<EvaluatorConfig>]: Setting } = {
  retrieverK: "retrieverK",
  retriever_k: "retrieverK",
  posLabel: "posLabel",
  pos_label: "posLabel",
  labels: "labels",
  labelList: "labels",
  label_list: "labels",
  average: "average",
  toxicity: "toxicity",
};

type Setting = keyof DefaultScorersConfig;

/** Settings of MLflow that stand elsewhere here, with where. */
const ELSEWHERE: { readonly [name: string]: string } = {
  col_mapping: "colMapping is an option of evaluate() itself",
  colMapping: "colMapping is an option of evaluate() itself",
  k: "the number of retrieved documents is retrieverK",
};

/**
 * The settings under our names.
 *
 * @throws {AssayError} `invalid-argument` for a setting that does not exist here: MLflow would ignore it,
 *   and the metric would be another one than was asked for.
 */
export function defaultScorersConfig(config: EvaluatorConfig = {}): DefaultScorersConfig {
  const settings = new Map<Setting, unknown>();
  for (const [name, value] of Object.entries(config)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(SETTINGS, name)) throw unknownSetting(name);
    const setting = SETTINGS[name as keyof EvaluatorConfig];
    if (settings.has(setting)) {
      throw new AssayError("invalid-argument", `evaluatorConfig gives ${setting} twice`);
    }
    settings.set(setting, value);
  }
  return Object.fromEntries(settings);
}

function unknownSetting(name: string): AssayError {
  const advice = Object.hasOwn(ELSEWHERE, name)
    ? ELSEWHERE[name]
    : `settings are ${Object.keys(SETTINGS).join(", ")}`;
  return new AssayError("invalid-argument", `evaluatorConfig has no setting "${name}": ${advice}`);
}
