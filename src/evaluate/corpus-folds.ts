import {
  answerOf,
  type CorpusFold,
  describeError,
  type JsonValue,
  type ResultRow,
  redactText,
  type Scorer,
  scorerKey,
} from "../core/index.ts";
import type { Evidence } from "../gates/index.ts";
import type { Plan } from "./plan.ts";

/** What corpus metrics say of a run. */
export interface CorpusFindings {
  readonly evidence: ReadonlyMap<string, Evidence>;
  readonly notes: readonly string[];
  readonly problems: readonly string[];
  /** By name: what no single number says. */
  readonly tables: ReadonlyMap<string, JsonValue>;
}

interface Folding {
  readonly scorer: Scorer;
  readonly fold: CorpusFold;
  n: number;
  /** Of the caller's own code; the results it could not digest are paid for and stay. */
  failure?: string;
}

/** The folds of all scorers that have corpus metrics, fed with committed rows in order. */
export class CorpusFolds {
  readonly #foldings: readonly Folding[];

  constructor({ scorers }: Pick<Plan, "scorers">) {
    this.#foldings = scorers.flatMap((scorer) => {
      const { corpus } = scorer.scorer;
      return corpus === undefined ? [] : [{ scorer, fold: corpus.begin(), n: 0 }];
    });
  }

  /** Whether there is nothing to feed. */
  get isEmpty(): boolean {
    return this.#foldings.length === 0;
  }

  add({ outputs, expectations, scores }: ResultRow): void {
    if (outputs === undefined) return;
    const sample = { outputs: answerOf(outputs), expectations };
    for (const folding of this.#foldings) {
      const score = scores[scorerKey(folding.scorer.scorer)];
      if (score?.kind !== "scored" || folding.failure !== undefined) continue;
      attempt(folding, () => folding.fold.add(sample));
      folding.n += 1;
    }
  }

  findings(): CorpusFindings {
    const evidence = new Map<string, Evidence>();
    const tables = new Map<string, JsonValue>();
    const notes: string[] = [];
    for (const folding of this.#foldings) {
      const found = attempt(folding, () => folding.fold.result());
      if (found === undefined) continue;
      const declared = folding.scorer.scorer.corpus?.keys ?? [];
      for (const [key, estimate] of Object.entries(found.metrics)) {
        // One that was not declared could stand under another scorer's key.
        if (declared.includes(key)) evidence.set(key, { estimate, n: folding.n });
      }
      for (const [name, table] of Object.entries(found.tables ?? {})) tables.set(name, table);
      notes.push(...(found.notes ?? []));
    }
    const problems = this.#foldings.flatMap(({ failure }) => failure ?? []);
    return { evidence, notes: notes.map(redactText), problems, tables };
  }
}

function attempt<T>(folding: Folding, work: () => T): T | undefined {
  if (folding.failure !== undefined) return undefined;
  try {
    return work();
  } catch (error) {
    const keys = folding.scorer.scorer.corpus?.keys.join(", ");
    folding.failure = redactText(`${keys} cannot be computed: ${describeError(error)}`);
    return undefined;
  }
}
