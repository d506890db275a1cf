import { type ProviderFailure, readFailure } from "./errors.ts";

/** One change to a request that a provider's refusal can ask for. */
export interface Remedy {
  readonly name: string;
  /** Another remedy that must have been tried before. */
  readonly after?: string;
  /** Whether this refusal is about what the remedy changes. */
  readonly answers: (refusal: ProviderFailure) => boolean;
}

/** What one model behind one address was found to refuse. */
export interface Lessons {
  /** Names of the remedies that its requests need. */
  readonly learnt: Set<string>;
  /** Ends when the call that is finding out has an answer. */
  exploring?: Promise<void> | undefined;
  /** A search was in vain, so the next ones are not waited for: rows that are refused for their own sake. */
  isVain?: true;
}

const known = new Map<string, Lessons>();

/** One for all models of this process that are the same at the same address; of its own where that is unknown. */
export function lessonsOf(shape: string, baseUrl: string | undefined, model: string): Lessons {
  if (baseUrl === undefined) return { learnt: new Set() };
  const key = JSON.stringify([shape, baseUrl, model]);
  const lessons = known.get(key) ?? { learnt: new Set() };
  known.set(key, lessons);
  return lessons;
}

export interface Remedies {
  /** In the order of trying. */
  readonly named: readonly Remedy[];
  /** Names of what leaves a schema out, for a refusal that names nothing; empty where none is sent. */
  readonly withoutSchema: readonly string[];
}

/**
 * Sends a request; when the provider refuses a part of it by name, sends it again without that part, and
 * remembers in `lessons` what worked, so that later requests do not pay for the same refusal. Any other
 * refusal of a request with a schema is answered with one attempt without it; when that is refused as well,
 * the first refusal is the error.
 *
 * `send` receives the names of the remedies to apply. Each is tried once, so the loop ends. Of several calls
 * that are refused at once, one finds out and the others wait for it.
 */
export async function callAdapting<Reply>(
  lessons: Lessons,
  { named, withoutSchema }: Remedies,
  send: (applied: ReadonlySet<string>) => PromiseLike<Reply>,
): Promise<Reply> {
  const relevant = [...named.map(({ name }) => name), ...withoutSchema];
  const applied = new Set<string>();
  const search = searchIn(lessons);
  let unnamed: { readonly error: unknown } | undefined;
  if (relevant.length > 0) await search.ofOthers();
  try {
    for (;;) {
      for (const name of lessons.learnt) applied.add(name);
      try {
        const reply = await send(applied);
        for (const name of applied) lessons.learnt.add(name);
        return reply;
      } catch (error) {
        const refusal = readFailure(error);
        // 422 is how several OpenAI-compatible servers refuse a field they do not know.
        if (refusal.status !== 400 && refusal.status !== 422) throw error;
        const news = () => relevant.some((name) => lessons.learnt.has(name) && !applied.has(name));
        if (await search.isAnswered(news)) continue;
        const remedy = named.find(
          ({ name, after, answers }) =>
            !applied.has(name) && (after === undefined || applied.has(after)) && answers(refusal),
        );
        if (remedy !== undefined) {
          applied.add(remedy.name);
        } else if (withoutSchema.some((name) => !applied.has(name))) {
          unnamed ??= { error };
          for (const name of withoutSchema) applied.add(name);
        } else {
          lessons.isVain = true;
          throw (unnamed ?? { error }).error;
        }
      }
    }
  } finally {
    search.end();
  }
}

/** Lets one call at a time find out what a model refuses. */
function searchIn(lessons: Lessons) {
  let end: (() => void) | undefined;
  const ofOthers = async () => {
    while (lessons.exploring !== undefined && lessons.isVain === undefined) await lessons.exploring;
  };
  return {
    ofOthers,
    /** Whether another call has found something; if not, the search is this call's. */
    isAnswered: async (news: () => boolean): Promise<boolean> => {
      if (end !== undefined) return false;
      await ofOthers();
      if (news()) return true;
      if (lessons.exploring === undefined) {
        lessons.exploring = new Promise((resolve) => {
          end = () => {
            lessons.exploring = undefined;
            resolve();
          };
        });
      }
      return false;
    },
    end: () => end?.(),
  };
}

/** Whether a refusal names one of these request fields, in `param` or as a word of its message. */
export function names(...fields: string[]): (refusal: ProviderFailure) => boolean {
  const word = new RegExp(`(?<!\\w)(?:${fields.join("|")})(?!\\w)`, "i");
  return ({ param, message }) => word.test(`${param ?? ""} ${message}`);
}

/** Whether a refusal gives no reason that can be read: the SDKs drop a body of an unusual shape. */
export function saysNothing({ message }: ProviderFailure): boolean {
  return message === "" || /status code \(no body\)$/.test(message);
}
