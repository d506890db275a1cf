import type { Score, ScorerInput } from "../../core/index.ts";
import { type Asking, notApplicable, type Procedure } from "../procedure.ts";
import { type ScorePair, scorePairForm } from "../score-pair.ts";
import type { Segment } from "../template.ts";

export interface PairOptions {
  /** Which other answer it is: a comparison with another one is another judge. */
  readonly against: string;
  /** The other answer; absent where the row has none, with what to say then. */
  readonly other: (sample: ScorerInput) => { readonly text: string } | { readonly missing: string };
  readonly answer: (sample: ScorerInput) => string;
  /** Which are shown in which order; both unless a recording has only one. */
  readonly orders?: readonly ("given" | "swapped")[];
  /** Each of the two gets a score on this scale, and the higher one is preferred. */
  readonly scores?: {
    readonly template: readonly Segment[];
    readonly scale: readonly [low: number, high: number];
  };
}

/** What one order of the two gave, from the answer's point of view: 1 preferred, 0 not, ½ even. */
interface Outcome {
  readonly scores: readonly Score[];
  readonly preference?: number;
}

const EVEN = 0.5;

/**
 * Asks which of two answers is better, in both orders, because judges prefer what stands first.
 *
 * The row's value is 1 where the answer is preferred in both, 0 where the other one is, and ½ where the
 * orders disagree or both are even; with probabilities it is their mean. The part `flip_rate` is 1 where
 * the orders disagree.
 */
export function comparePair(options: PairOptions): Procedure {
  const { orders = ["given", "swapped"], scores } = options;
  return {
    name: "pair",
    identity: [
      `against ${options.against}`,
      ...(scores === undefined ? [] : [`scores ${scores.scale.join(" to ")}`]),
    ],
    partMetrics: orders.length > 1 ? ["flip_rate"] : [],
    verdicts: () => orders.length,
    run: async (asking) => {
      const other = options.other(asking.sample);
      if ("missing" in other) return [notApplicable(other.missing)];
      const answer = options.answer(asking.sample);
      if (answer === other.text) {
        return [{ kind: "scored", value: EVEN, rationale: "The two answers are identical." }];
      }
      const outcomes = await Promise.all(
        orders.map((order) => askOrder(asking, options, order, [answer, other.text])),
      );
      return reduceOrders(outcomes);
    },
  };
}

async function askOrder(
  asking: Asking,
  { scores }: PairOptions,
  order: "given" | "swapped",
  [answer, other]: readonly [string, string],
): Promise<Outcome> {
  const isGiven = order === "given";
  const [first, second] = isGiven ? [answer, other] : [other, answer];
  const given = asking.texts(
    new Map([
      ["first", first],
      ["second", second],
    ]),
  );
  const part = isGiven ? "order 1" : "order 2";
  if ("missing" in given) return { scores: [{ ...notApplicable(given.missing), part }] };
  if (scores !== undefined) {
    const reply = await asking.ask(scores.template, given.found, scorePairForm(scores.scale));
    if (reply.kind === "unscored") return { scores: [{ ...reply, part }] };
    return fromScores(reply.value, reply.rationale, isGiven, part);
  }
  const [score, mass] = await asking.verdict(given.found);
  if (score?.kind !== "scored") return { scores: [{ ...(score as Score), part }] };
  const preference = isGiven ? Number(score.value) : 1 - Number(score.value);
  const masses = mass?.part === "mass" ? [{ ...mass, part: `${part} mass` }] : [];
  return { preference, scores: [{ ...score, value: preference, part }, ...masses] };
}

function fromScores(
  [first, second]: ScorePair,
  rationale: string | undefined,
  isGiven: boolean,
  part: string,
): Outcome {
  const [answer, other] = isGiven ? [first, second] : [second, first];
  const preference = answer === other ? EVEN : Number(answer > other);
  const why = rationale === undefined ? {} : { rationale };
  return {
    preference,
    scores: [
      { kind: "scored", value: preference, part, ...why },
      { kind: "scored", value: answer, part: `${part} score` },
      { kind: "scored", value: other, part: `${part} other score` },
    ],
  };
}

function reduceOrders(outcomes: readonly Outcome[]): Score[] {
  const parts = outcomes.flatMap(({ scores }) => scores);
  const failed = parts.find((score) => score.kind === "unscored");
  if (failed?.kind === "unscored") {
    const { part: _, ...score } = failed;
    return [{ ...score, detail: `${failed.part}: ${failed.detail}` }, ...parts];
  }
  const preferences = outcomes.flatMap(({ preference }) => preference ?? []);
  const [one = EVEN, two = one] = preferences;
  const isFlip = Math.sign(one - EVEN) !== Math.sign(two - EVEN);
  const flips: Score[] =
    outcomes.length > 1 ? [{ kind: "scored", value: Number(isFlip), part: "flip_rate" }] : [];
  // Probabilities speak for themselves: ½ is what they come to where the orders cancel out.
  const isWeighted = preferences.some((value) => ![0, EVEN, 1].includes(value));
  const value = isWeighted ? (one + two) / 2 : isFlip ? EVEN : one;
  const why = isFlip ? "The two orders disagree." : parts.flatMap(rationaleOf)[0];
  return [
    { kind: "scored", value, ...(why !== undefined && { rationale: why }) },
    ...parts,
    ...flips,
  ];
}

function rationaleOf(score: Score): string[] {
  return score.kind === "scored" && score.rationale !== undefined ? [score.rationale] : [];
}
