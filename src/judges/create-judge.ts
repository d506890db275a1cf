import {
  AGGREGATION_NAMES,
  AssayError,
  type CallEstimate,
  canonicalJson,
  checkParameters,
  defineScorer,
  digestOf,
  type FingerprintAspects,
  type Scorer,
  type ScorerEnvironment,
  type ScorerInput,
  type ScorerOptions,
  withoutAbsent,
} from "../core/index.ts";
import { type ChatModel, type ChatParameters, estimateTokens } from "../models/index.ts";
import { type Asked, askJudge } from "./ask-judge.ts";
import { exampleDigest } from "./calibration/held-out.ts";
import { findVerdict, type Prompts } from "./find-verdict.ts";
import { identityOf, resolveJudgeModel, toModel } from "./judge-model.ts";
import type { JudgeSpec } from "./judge-spec.ts";
import { limiter } from "./limit.ts";
import { whyNotByLogprobs } from "./logprob-verdict.ts";
import { type Asking, type Texts, WHOLE_ROW } from "./procedure.ts";
import { promptOf, renderPrompt } from "./prompt.ts";
import { bareInstruction, replyInstruction, type VerdictShape } from "./verdict-shape.ts";

/**
 * A judge as a scorer. Without a model of its own it has neither fingerprint nor source until
 * `prepare` has bound one; called directly, it finds a model in the process's environment.
 */
export function createJudge(given: JudgeSpec): Scorer {
  const spec = checked(given);
  const { name, shape, procedure = WHOLE_ROW } = spec;
  const prompts: Prompts = {
    explained: promptOf(spec.template, replyInstruction(shape)),
    bare: promptOf(spec.template, bareInstruction(shape)),
  };
  const inTurn = limiter(spec.maxWorkers);
  let found: Promise<ChatModel> | undefined;
  const find = (environment: ScorerEnvironment): Promise<ChatModel> => {
    const finding = findModel(spec, environment);
    found = finding;
    // A failure is not remembered: the next call may find the key set.
    finding.catch(() => {
      found = undefined;
    });
    return finding;
  };
  const judge = defineScorer(
    {
      ...optionsOf(spec, prompts),
      ...estimateOf(spec, prompts),
      prepare: async (environment, scorer = judge) => {
        const model = await find(environment);
        checkMode(spec, model);
        // A new scorer, because evaluations that share this one may each bring a model of their own.
        const { extraHeaders: _, proxyUrl: __, ...bound } = spec;
        return scorer === judge ? createJudge({ ...bound, model }) : scorer;
      },
    },
    async (sample) => {
      const asking = askingOf(spec, prompts, sample, async () => {
        const model = await (found ?? find({ env: process.env }));
        return { judge: name, model, parameters: parametersOf(spec), recording: sample };
      });
      const scores = await inTurn(
        () => procedure.run(asking),
        () => sample.signal,
      );
      const [only] = scores;
      return only !== undefined && scores.length === 1 ? only : scores;
    },
  );
  return judge;
}

function findModel(spec: JudgeSpec, environment: ScorerEnvironment): Promise<ChatModel> {
  const { name, extraHeaders: headers, proxyUrl } = spec;
  // At any other temperature the same question has many answers, and one of them is no sample.
  const { cache: _, ...uncached } = environment.models ?? {};
  const models = parametersOf(spec).temperature === 0 ? environment.models : uncached;
  return resolveJudgeModel(
    name,
    spec.model,
    withoutAbsent<ScorerEnvironment>({ ...environment, models }),
    withoutAbsent({ headers, proxyUrl }),
  );
}

function askingOf(
  spec: JudgeSpec,
  prompts: Prompts,
  sample: ScorerInput,
  asked: () => Promise<Asked>,
): Asking {
  return {
    sample,
    texts: (given) => textsOf(spec, sample, given),
    verdict: async (texts) => findVerdict(await asked(), { ...spec, prompts, texts }),
    ask: async (template, texts, form) => {
      const messages = renderPrompt(promptOf(template, form.instruction), texts);
      return askJudge(await asked(), { messages, judged: [...texts.values()] }, form);
    },
  };
}

function parametersOf({ parameters, samples = 1 }: JudgeSpec): ChatParameters {
  return parameters ?? { temperature: samples > 1 ? 1 : 0 };
}

/** Tokens of a verdict with its rationale. */
const VERDICT_TOKENS = 100;

/** Known once the judge has its model. */
function estimateOf(spec: JudgeSpec, prompts: Prompts): Pick<ScorerOptions, "estimate"> {
  if (spec.model === undefined) return {};
  const { uri } = identityOf(spec.model);
  const { maxTokens = VERDICT_TOKENS } = parametersOf(spec);
  return {
    estimate: (sample) => {
      const texts = textsOf(spec, sample as ScorerInput);
      if ("missing" in texts) return undefined;
      const messages = renderPrompt(prompts.explained, texts.found);
      const prompt = messages.map(({ content }) => content).join("");
      const call: CallEstimate = {
        model: uri,
        inputTokens: estimateTokens(prompt),
        outputTokens: Math.min(VERDICT_TOKENS, maxTokens),
      };
      const verdicts = spec.procedure?.verdicts?.(sample as ScorerInput) ?? 1;
      return Array.from({ length: verdicts * (spec.samples ?? 1) }, () => call);
    },
  };
}

function optionsOf(spec: JudgeSpec, prompts: Prompts): Omit<ScorerOptions, "prepare"> {
  const { name, scoring, samples = 1, procedure } = spec;
  const aspects = aspectsOf(spec, prompts);
  const metrics = [
    ...(scoring === "logprobs" && samples === 1 && procedure === undefined ? ["mass"] : []),
    ...(procedure?.partMetrics ?? []),
  ];
  return withoutAbsent<Omit<ScorerOptions, "prepare">>({
    name,
    version: spec.version,
    aggregations: spec.aggregations,
    scale: scaleOf(spec.shape),
    greaterIsBetter: spec.greaterIsBetter,
    tunedOn: spec.examples?.map(exampleDigest),
    fingerprint: aspects && digestOf(aspects),
    aspects,
    partMetrics: metrics.length === 0 ? undefined : metrics,
    metadata: spec.metadata,
    source:
      spec.model === undefined ? undefined : { kind: "judge", model: identityOf(spec.model).uri },
  });
}

/** What a verdict depends on beside the row; absent as long as no model is known. */
function aspectsOf(spec: JudgeSpec, prompts: Prompts): FingerprintAspects | undefined {
  if (spec.model === undefined) return undefined;
  const { provider, model, ownParameters } = identityOf(spec.model);
  const { scoring = "single", samples = 1, minMass, procedure } = spec;
  return withoutAbsent<FingerprintAspects>({
    provider,
    model,
    parameters: canonicalJson(ownParameters ?? parametersOf(spec)),
    template: prompts.explained.hash,
    scoring: scoring === "single" ? undefined : `${scoring} ${minMass ?? ""}`.trim(),
    samples: samples === 1 ? undefined : String(samples),
    procedure: procedure && [procedure.name, ...(procedure.identity ?? [])].join(" "),
  });
}

/** The texts that the prompt places, or why the row cannot be judged. */
function textsOf(
  { slots }: JudgeSpec,
  sample: ScorerInput,
  given: Texts = new Map(),
): { readonly found: Texts } | { readonly missing: string } {
  const found = new Map<string, string>();
  for (const [variable, slot] of slots) {
    const text = given.get(variable) ?? slot.read(sample);
    if (text !== undefined) found.set(variable, text);
    else if (slot.absent !== undefined) return { missing: slot.absent(sample) };
  }
  for (const [variable, text] of given) found.set(variable, text);
  return { found };
}

function scaleOf(shape: VerdictShape): readonly [number, number] | undefined {
  if (shape.kind === "number") {
    return Number.isFinite(shape.low) ? [shape.low, shape.high] : undefined;
  }
  if (shape.kind !== "labels") return undefined;
  if (shape.type === "boolean") return [0, 1];
  const worth = [...shape.values.values()].filter((value) => typeof value === "number");
  return worth.length < shape.values.size ? undefined : [Math.min(...worth), Math.max(...worth)];
}

/** @throws {AssayError} `invalid-argument` for what no row could be judged with. */
function checked(spec: JudgeSpec): JudgeSpec {
  const { name, aggregations = [], samples = 1, scoring = "single", maxWorkers = 1 } = spec;
  const invalid = (problem: string) =>
    new AssayError("invalid-argument", `Judge "${name}": ${problem}.`);
  const wrong = aggregations.find(
    (aggregation) =>
      typeof aggregation !== "function" &&
      !AGGREGATION_NAMES.some((known) => known === aggregation),
  );
  if (wrong !== undefined) {
    throw invalid(
      `unknown aggregation "${String(wrong)}"; use ${AGGREGATION_NAMES.join(", ")}, or a function`,
    );
  }
  for (const [option, value] of [
    ["samples", samples],
    ["maxWorkers", maxWorkers],
  ] as const) {
    if (!Number.isInteger(value) || value < 1) {
      throw invalid(`expected \`${option}\` to be an integer of at least 1, got ${value}`);
    }
  }
  if (scoring !== "single" && scoring !== "logprobs") {
    throw invalid(`expected \`scoring\` to be "single" or "logprobs", got "${scoring}"`);
  }
  if (scoring === "logprobs") {
    const why = samples > 1 ? "several samples are votes" : whyNotByLogprobs(spec.shape);
    if (why !== undefined) throw invalid(`its verdict cannot be weighted by probability: ${why}`);
  }
  checkParameters(`Judge "${name}"`, spec.parameters);
  if (spec.model === undefined) return spec;
  const model = toModel(spec.model);
  if (typeof model === "object" && (spec.extraHeaders ?? spec.proxyUrl) !== undefined) {
    throw invalid(
      "extraHeaders and proxyUrl go with a model URI; this model was made with a client of yours, set them there",
    );
  }
  return { ...spec, model };
}

/** @throws {AssayError} `configuration` for a model that cannot do what the scoring mode needs. */
function checkMode({ name, scoring }: JudgeSpec, { uri, hasLogprobs }: ChatModel): void {
  if (scoring !== "logprobs" || hasLogprobs !== false) return;
  throw new AssayError(
    "configuration",
    `Judge "${name}" is to weigh by log probabilities, which ${uri.replace(/\?.*$/s, "")} never gives; use \`samples\` instead.`,
  );
}
