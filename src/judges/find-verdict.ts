import type { Score } from "../core/index.ts";
import { type Asked, askJudge, callJudge, orUnscored, refused } from "./ask-judge.ts";
import type { ScoringOptions } from "./judge-spec.ts";
import { type LogprobVerdict, logprobVerdict } from "./logprob-verdict.ts";
import { type Texts, toScore } from "./procedure.ts";
import { type Prompt, renderPrompt } from "./prompt.ts";
import { type ReplyForm, type VerdictValue, verdictForm } from "./reply-form.ts";
import type { VerdictShape } from "./verdict-shape.ts";
import { reduceVotes } from "./votes.ts";

/** The prompts of one judge. */
export interface Prompts {
  /** Explains, then grades. */
  readonly explained: Prompt;
  /** The grade alone, for its probabilities. */
  readonly bare: Prompt;
}

interface Question extends ScoringOptions {
  readonly prompts: Prompts;
  readonly shape: VerdictShape;
  readonly form?: ReplyForm<VerdictValue>;
  readonly texts: Texts;
}

/** Alternatives per token: as many as OpenAI gives. */
const TOP_LOGPROBS = 20;
/** A grade and what a model may write before it. */
const BARE_REPLY_TOKENS = 8;
const DEFAULT_MIN_MASS = 0.8;

/** Models that gave no log probabilities when they were asked for some; the same object is asked again. */
const withoutLogprobs = new WeakSet<object>();

/** The verdict on some texts in the judge's scoring mode, followed by its parts. */
export async function findVerdict(asked: Asked, question: Question): Promise<readonly Score[]> {
  const { samples = 1, scoring } = question;
  if (samples > 1) return sampled(asked, question, samples);
  if (scoring === "logprobs" && !withoutLogprobs.has(asked.model)) {
    const weighted = await byLogprobs(asked, question);
    if (weighted !== undefined) return weighted;
  }
  return [await single(asked, question)];
}

async function single(
  asked: Asked,
  { prompts, shape, form = verdictForm(shape), texts }: Question,
): Promise<Score> {
  const messages = renderPrompt(prompts.explained, texts);
  return toScore(await askJudge(asked, { messages, judged: [...texts.values()] }, form));
}

async function sampled(asked: Asked, question: Question, samples: number): Promise<Score[]> {
  const votes = await Promise.all(
    Array.from({ length: samples }, async (_, draw): Promise<Score> => {
      const score = await single({ ...asked, draw }, question);
      return { ...score, part: `vote ${draw + 1}` };
    }),
  );
  return reduceVotes(votes, question.shape.kind === "number" ? "mean" : "majority");
}

/** `undefined` where the reply's probabilities are no verdict, and the judge has to be asked another way. */
async function byLogprobs(
  asked: Asked,
  { prompts, shape, texts, minMass = DEFAULT_MIN_MASS }: Question,
): Promise<Score[] | undefined> {
  const messages = renderPrompt(prompts.bare, texts);
  const parameters = { maxTokens: BARE_REPLY_TOKENS, ...asked.parameters };
  const answer = await orUnscored<LogprobVerdict | undefined>(async () => {
    const response = await callJudge({ ...asked, parameters }, messages, {
      topLogprobs: TOP_LOGPROBS,
      // Cut off it is by design.
      isUsable: ({ refusal, logprobs }) => refusal === undefined && logprobs !== undefined,
    });
    if (response.refusal !== undefined) return refused(response);
    if (response.logprobs === undefined) withoutLogprobs.add(asked.model);
    const found = logprobVerdict(response.logprobs ?? [], shape);
    const isEnough = found !== undefined && found.mass >= minMass;
    return { kind: "answered", value: isEnough ? found : undefined };
  });
  if (answer.kind === "unscored") return [answer];
  return answer.value === undefined ? undefined : weighted(answer.value);
}

function weighted({ value, mass, probabilities }: LogprobVerdict): Score[] {
  const shares = [...probabilities]
    .sort((a, b) => b[1] - a[1])
    .map(([grade, p]) => `${grade}: ${(p * 100).toFixed(1)} %`);
  return [
    { kind: "scored", value, rationale: `Weighted by probability: ${shares.join(", ")}.` },
    { kind: "scored", value: mass, part: "mass" },
  ];
}
