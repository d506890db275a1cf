import {
  type Aggregation,
  AssayError,
  type DirectSample,
  defineScorer,
  digestOf,
  type Score,
  type Scorer,
  type ScorerInput,
  type ScorerOptions,
  scorerKey,
  withoutAbsent,
} from "../core/index.ts";
import { checkName, checkVersion } from "./checks.ts";
import { checkJudgeOptions, type OptionNames } from "./option-names.ts";
import { type Reduction, reduceVotes } from "./votes.ts";

export interface PanelOptions {
  readonly name: string;
  /** Puts the version into the metric key. */
  readonly version?: string;
  /** Two or more, with one scale: the same judge with several models, or different ones. */
  readonly judges: readonly Scorer[];
  /**
   * `mean` of the votes, or the value of their `majority`. Default `mean`. A majority with judges that agree
   * less with people than the best of them is worse than the best one alone.
   */
  readonly reduce?: Reduction;
  readonly aggregations?: readonly Aggregation[];
}

const OPTIONS: OptionNames<PanelOptions> = {
  name: true,
  version: true,
  judges: true,
  reduce: true,
  aggregations: true,
};

/**
 * Several judges as one scorer. Their votes are kept as parts, named after their models.
 *
 * @throws {AssayError} `invalid-argument` for fewer than two judges, or several scales.
 */
export function panel(options: PanelOptions): Scorer {
  checkJudgeOptions("panel", options, OPTIONS);
  const { name, version, judges, reduce = "mean" } = options;
  checkName(name);
  checkVersion(name, version);
  checkMembers(name, judges);
  const parts = partNames(judges);
  const scorer: Scorer = defineScorer(
    {
      ...optionsOf(options),
      prepare: async (environment, current = scorer) => {
        const prepared = await Promise.all(
          judges.map(async (judge) => (await judge.scorer.prepare?.(environment, judge)) ?? judge),
        );
        return current === scorer ? panel({ ...options, judges: prepared }) : current;
      },
    },
    async (sample) => {
      const votes = await Promise.all(
        judges.map(async (judge, index): Promise<Score> => {
          const part = parts[index] ?? "";
          return { ...(await voteOf(judge, sample)), part };
        }),
      );
      return reduceVotes(votes, reduce);
    },
  );
  return scorer;
}

/** A member's verdict on the row; what it says of parts is its own affair. */
async function voteOf(judge: Scorer, sample: ScorerInput): Promise<Score> {
  const output = await judge(sample);
  const [first] = Array.isArray(output) ? (output as readonly Score[]) : [output];
  if (typeof first === "object" && first !== null && "kind" in first) return first;
  if (first === null || first === undefined || typeof first === "object") {
    return { kind: "unscored", reason: "not-applicable", detail: "it gave no verdict" };
  }
  return { kind: "scored", value: first };
}

function optionsOf({ name, version, judges, reduce = "mean", aggregations }: PanelOptions) {
  const members = judges.map(({ scorer }) => scorer);
  const [first] = members;
  const fingerprints = members.map(({ fingerprint }) => fingerprint);
  const isKnown = fingerprints.every((fingerprint) => fingerprint !== undefined);
  const models = members.map(({ source }) => (source?.kind === "judge" ? source.model : undefined));
  const aspects = isKnown
    ? {
        reduce,
        ...Object.fromEntries(members.map((member, at) => [`judge ${at + 1}`, memberText(member)])),
      }
    : undefined;
  return withoutAbsent<Omit<ScorerOptions, "prepare">>({
    name,
    version,
    aggregations,
    scale: first?.scale,
    greaterIsBetter: first?.greaterIsBetter,
    fingerprint: isKnown ? digestOf({ reduce, fingerprints }) : undefined,
    aspects,
    source: models.every((model) => model !== undefined)
      ? { kind: "judge", model: [...new Set(models)].join(" + ") }
      : undefined,
    estimate: members.every(({ estimate }) => estimate !== undefined)
      ? (sample: DirectSample) => members.flatMap(({ estimate }) => estimate?.(sample) ?? [])
      : undefined,
  });
}

function memberText({ name, version, fingerprint, source }: ScorerOptions): string {
  const model = source?.kind === "judge" ? ` ${source.model}` : "";
  return `${scorerKey(withoutAbsent({ name, version }))}${model} ${fingerprint?.slice(0, 12)}`;
}

/** The model, where all are one judge; else the judge; numbered where that does not tell them apart. */
function partNames(judges: readonly Scorer[]): string[] {
  const names = judges.map(({ scorer }) => {
    const { source } = scorer;
    return source?.kind === "judge" ? `${scorerKey(scorer)} ${source.model}` : scorerKey(scorer);
  });
  return names.map((name, index) =>
    names.indexOf(name) === index && names.lastIndexOf(name) === index
      ? name
      : `${name} (${index + 1})`,
  );
}

function checkMembers(name: string, judges: readonly Scorer[]): void {
  const invalid = (problem: string) =>
    new AssayError("invalid-argument", `Panel "${name}": expected ${problem}.`);
  if (!Array.isArray(judges) || judges.length < 2) throw invalid("two `judges` or more");
  if (judges.some((judge) => typeof judge !== "function" || judge.scorer === undefined)) {
    throw invalid("its `judges` to be scorers");
  }
  const scales = new Set(judges.map(({ scorer }) => JSON.stringify(scorer.scale ?? null)));
  if (scales.size > 1) {
    throw invalid(`its judges to have one scale, got ${[...scales].join(" and ")}`);
  }
}
