import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { parseEnv } from "node:util";
import { AssayError, isPlainObject, type TrialReducer, withoutAbsent } from "../../core/index.ts";
import { DATA_ENDINGS, type Data, referenceOf } from "../../datasets/index.ts";
import {
  checkOptionTypes,
  type EvaluateOptions,
  fieldFilter,
  isPromptPath,
  type MatrixOptions,
} from "../../evaluate/index.ts";
import { isEndpointUri } from "../../models/index.ts";
import { resolveTrackingUri } from "../../store/index.ts";
import { experimentNameFrom } from "../../tracking/index.ts";
import { type Config, judgeModelFrom } from "./config.ts";
import type { Io } from "./io.ts";
import { loadDefault } from "./load-module.ts";
import { namedJudges } from "./named-judges.ts";

/** The flags of `assay eval`, as commander parses them. */
export interface EvalFlags {
  readonly data?: string;
  readonly model?: readonly string[];
  readonly prompt?: readonly string[];
  readonly modelType?: string;
  readonly judge?: readonly string[];
  readonly set?: readonly string[];
  readonly judgeModel?: string;
  readonly gate?: readonly string[];
  readonly targets?: string;
  readonly predictions?: string;
  readonly map?: { readonly [name: string]: string };
  readonly traces?: string;
  readonly experiment?: string;
  readonly runName?: string;
  readonly tag?: { readonly [key: string]: string };
  readonly concurrency?: number;
  readonly timeout?: number;
  readonly grace?: number;
  readonly callTimeout?: number;
  readonly runTimeout?: number;
  readonly maxCost?: number;
  readonly maxTokens?: number;
  readonly rpm?: number;
  readonly tpm?: number;
  readonly resume?: string | true;
  readonly retryFailed?: boolean;
  readonly allowChangedData?: boolean;
  readonly cache?: boolean;
  readonly cacheTtl?: number;
  readonly shuffle?: boolean;
  readonly shared?: boolean;
  readonly planOnly?: boolean;
  readonly run?: string;
  readonly worker?: boolean;
  readonly shard?: string;
  readonly trials?: number;
  readonly trialReducer?: readonly TrialReducer[];
  readonly limit?: number;
  readonly filter?: readonly string[];
  readonly sample?: number;
  readonly seed?: number;
  readonly maxFailed?: number;
  readonly strict?: boolean;
  readonly guarantee?: "standard" | "exact";
  readonly budget?: "adaptive";
  readonly baseline?: string;
  readonly allowMismatch?: boolean;
  readonly saveBaseline?: string;
  readonly traceJudges?: boolean;
  readonly dryRun?: boolean;
  readonly watch?: boolean;
  /** This run belongs to a process that watches. */
  readonly watched?: boolean;
  readonly envFile?: string;
  readonly trackingUri?: string;
  readonly redact?: "secrets" | "off";
  readonly output?: readonly string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** The evaluations that the files and flags of a command line name. */
export async function collectEvaluations(
  files: readonly string[],
  flags: EvalFlags,
  config: Config,
  io: Io,
): Promise<(EvaluateOptions | MatrixOptions)[]> {
  const given = givenData(flags, io);
  const { isOverride, data } = overridden(files, given);
  if (files.length + given.length === 0) {
    throw new AssayError(
      "invalid-argument",
      `Expected an eval file (*.eval.ts, *.eval.mjs) or data (${DATA_ENDINGS}, datasets:/name, --traces)`,
    );
  }
  const loaded = await Promise.all(files.map((file) => loadEvaluations(file, data, io)));
  const ofFlags = isOverride ? [] : given.map((one) => ({ data: one }));
  const evaluations: MatrixOptions[] = [...loaded.flat(), ...ofFlags];
  if (evaluations.filter((options) => options.data === "-").length > 1) {
    throw new AssayError(
      "invalid-argument",
      "Standard input can be read once, and several evaluations want it; write it to a file",
    );
  }
  return evaluations.map((options) => merge(options, flags, config, io));
}

/** What `--data` and `--traces` name. */
function givenData({ data, traces }: EvalFlags, io: Io): Data[] {
  return [
    ...(data === undefined ? [] : [dataAt(data, io)]),
    ...(traces === undefined ? [] : [{ traces }]),
  ];
}

/** As any flag does, data that a flag names overrides that of eval files; without one it is evaluated by itself. */
function overridden(
  files: readonly string[],
  [data, other]: readonly Data[],
): { readonly isOverride: boolean; readonly data?: Data } {
  const isOverride = data !== undefined && files.some(isModule);
  if (isOverride && other !== undefined) {
    throw new AssayError(
      "invalid-argument",
      "--data and --traces both override the data of the eval file; give one of them",
    );
  }
  return isOverride ? { isOverride, data } : { isOverride };
}

const isModule = (file: string) => referenceOf(file) === undefined && /\.[cm]?[jt]s$/.test(file);

/** @throws {AssayError} `invalid-argument` where there is no such file. */
function dataAt(file: string, io: Io): string {
  // Standard input, or a registered dataset, which the evaluation finds in its tracking store.
  if (file === "-" || referenceOf(file) !== undefined) return file;
  const path = resolve(io.cwd, file);
  if (!existsSync(path)) throw new AssayError("invalid-argument", `No file at ${file}`);
  return path;
}

/** @param data - In the place of the data of an eval file. */
async function loadEvaluations(
  file: string,
  data: Data | undefined,
  io: Io,
): Promise<MatrixOptions[]> {
  const path = dataAt(file, io);
  if (!isModule(path)) return [{ data: path }];
  const exported = await loadDefault(path, file);
  const list = Array.isArray(exported) ? exported : [exported];
  if (list.length === 0) {
    throw new AssayError("invalid-argument", `${file}: the default export is an empty array`);
  }
  return list.map((options) => {
    if (!isPlainObject(options) || (data ?? options.data) === undefined) {
      throw new AssayError(
        "invalid-argument",
        `${file}: expected the default export to be defineEval({ data, … }) or an array of them`,
      );
    }
    const name = basename(path).replace(/(\.eval)?\.[cm]?[jt]s$/, "");
    const whole = { name, baseDir: dirname(path), ...options, ...(data !== undefined && { data }) };
    return whole as unknown as MatrixOptions;
  });
}

/** Flags override the environment, which overrides the file, which overrides the config; `--gate` adds. */
function merge(
  options: MatrixOptions,
  flags: EvalFlags,
  config: Config,
  io: Io,
): EvaluateOptions | MatrixOptions {
  // The file's own, before flags and progress stand in their place; of several prompts each is looked at later.
  checkOptionTypes({ ...options, prompt: undefined });
  const env = io.env;
  const judges = namedJudges(flags.judge ?? [], flags.set, io.cwd);
  return withoutAbsent<MatrixOptions>({
    ...options,
    model: oneOrAll(flags.model) ?? options.model,
    prompt: promptsOf(flags, io) ?? options.prompt,
    targets: flags.targets ?? options.targets,
    predictions: flags.predictions ?? options.predictions,
    ...mappingOf(options, flags),
    modelType: flags.modelType ?? options.modelType,
    extraMetrics: [...(options.extraMetrics ?? []), ...judges],
    gates: [...(options.gates ?? config.gates ?? []), ...(flags.gate ?? [])],
    judgeModel: judgeModelOf(options, flags, config, io),
    experiment:
      flags.experiment ?? experimentNameFrom(env) ?? options.experiment ?? config.experiment,
    runName: flags.runName ?? options.runName,
    tags: { ...options.tags, ...flags.tag },
    concurrency: flags.concurrency ?? options.concurrency ?? config.concurrency,
    timeoutMs: flags.timeout ?? options.timeoutMs,
    graceMs: flags.grace ?? options.graceMs,
    callTimeoutMs: flags.callTimeout ?? options.callTimeoutMs,
    runTimeoutMs: flags.runTimeout ?? options.runTimeoutMs,
    maxCost: flags.maxCost ?? options.maxCost,
    maxTokens: flags.maxTokens ?? options.maxTokens,
    rpm: flags.rpm ?? options.rpm ?? config.rpm,
    tpm: flags.tpm ?? options.tpm ?? config.tpm,
    prices: options.prices ?? config.prices,
    resume: flags.resume ?? options.resume,
    retryFailed: flags.retryFailed ?? options.retryFailed,
    allowChangedData: flags.allowChangedData ?? options.allowChangedData,
    // Watched runs follow each other quickly, and most of their rows have not changed.
    cache: flags.cache ?? options.cache ?? (flags.watched === true ? true : undefined),
    cacheTtlMs: flags.cacheTtl ?? options.cacheTtlMs,
    shuffle: flags.shuffle ?? options.shuffle,
    shared: flags.shared ?? flags.planOnly ?? options.shared,
    run: flags.run ?? options.run,
    worker: flags.worker ?? options.worker,
    shard: flags.shard ?? options.shard,
    trials: flags.trials ?? options.trials,
    trialReducer: flags.trialReducer ?? options.trialReducer,
    limit: flags.limit ?? options.limit,
    filter: filterOf(options, flags),
    sample: flags.sample ?? options.sample,
    seed: flags.seed ?? options.seed,
    maxFailed: flags.maxFailed ?? options.maxFailed,
    strict: flags.strict ?? options.strict,
    guarantee: flags.guarantee ?? options.guarantee,
    budget: flags.budget ?? options.budget,
    // A file that the command line names is looked for where the command runs.
    baseline: baselineOf(flags, io) ?? options.baseline,
    allowMismatch: flags.allowMismatch ?? options.allowMismatch,
    traceJudges: flags.traceJudges ?? options.traceJudges,
    redact: flags.redact ?? options.redact ?? config.redact,
    trackingUri: resolveTrackingUri(
      flags.trackingUri,
      env,
      options.trackingUri,
      config.trackingUri,
    ),
    env,
  });
}

function baselineOf({ baseline }: EvalFlags, io: Io): string | undefined {
  return baseline?.endsWith(".json") ? resolve(io.cwd, baseline) : baseline;
}

/** `--filter` narrows that of the file. */
function filterOf(
  { filter: given }: MatrixOptions,
  { filter }: EvalFlags,
): MatrixOptions["filter"] {
  return filter === undefined ? given : fieldFilter(filter, given);
}

/** One is no choice. */
function oneOrAll<T>(given: readonly T[] | undefined): T | readonly T[] | undefined {
  return given?.length === 1 ? given[0] : given;
}

/** Several prompts go by the name of their file, where they have one. */
function promptsOf({ prompt }: EvalFlags, io: Io): MatrixOptions["prompt"] | undefined {
  if (prompt === undefined || prompt.length === 1) return prompt && promptText(prompt[0] ?? "", io);
  const named = prompt.map((given, index): [string, string] => {
    const text = promptText(given, io);
    return [text === given ? `prompt ${index + 1}` : given, text];
  });
  return Object.fromEntries(named);
}

/** `--map` adds to the mapping of the file. */
function mappingOf(
  { mapping, colMapping }: MatrixOptions,
  { map }: EvalFlags,
): Pick<
  { [K in keyof EvaluateOptions]: EvaluateOptions[K] | undefined },
  "mapping" | "colMapping"
> {
  if (map === undefined) return { mapping, colMapping };
  return { mapping: { ...mapping, ...colMapping, ...map }, colMapping: undefined };
}

/** With no model of their own, judges that the command line asks for use the one under test. */
function judgeModelOf(
  options: MatrixOptions,
  flags: EvalFlags,
  config: Config,
  { env }: Io,
): string | undefined {
  const written = options.judgeModel ?? config.judgeModel;
  const named = judgeModelFrom(flags.judgeModel, env, written);
  const tested = oneOrAll(flags.model) ?? options.model;
  const canJudge = typeof tested === "string" && !isEndpointUri(tested);
  return named ?? (flags.judge !== undefined && canJudge ? tested : undefined);
}

/**
 * A prompt given as text, or the file that holds it.
 *
 * @throws {AssayError} `invalid-argument` for what is a path, and none of a file.
 */
function promptText(prompt: string, io: Io): string {
  const path = resolve(io.cwd, prompt);
  if (!prompt.includes("\n") && existsSync(path) && statSync(path).isFile()) {
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  }
  if (!isPromptPath(prompt)) return prompt;
  throw new AssayError("invalid-argument", `No prompt file at ${prompt}`);
}

/** `io` with the variables of an env file; what the environment has already wins. */
export function withEnvFile(io: Io, file: string | undefined): Io {
  if (file === undefined) return io;
  const path = resolve(io.cwd, file);
  if (!existsSync(path)) throw new AssayError("invalid-argument", `No env file at ${file}`);
  const variables = parseEnv(readFileSync(path, "utf8").replace(/^\uFEFF/, ""));
  for (const [name, value] of Object.entries(variables)) process.env[name] ??= value;
  return { ...io, env: { ...variables, ...io.env } };
}
