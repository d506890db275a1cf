import { type ProviderFailure, readFailure } from "./errors.ts";

/** One change to a request that a provider's refusal can ask for. */
export interface Remedy {
  readonly name: string;
  /** Another remedy that must have been tried before. */
  readonly after?: string;
  /** Whether this refusal is about what the remedy changes. */
  readonly answers: (refusal: ProviderFailure) => boolean;
}

/**
 * Sends a request; when the provider refuses a part of it by name, sends it again without that part,
 * and remembers in `learnt` what worked, so that later requests do not pay for the same refusal.
 *
 * `send` receives the names of the remedies to apply. Each is tried once, so the loop ends.
 */
export async function callAdapting<Reply>(
  learnt: Set<string>,
  remedies: readonly Remedy[],
  send: (applied: ReadonlySet<string>) => PromiseLike<Reply>,
): Promise<Reply> {
  const applied = new Set(learnt);
  for (;;) {
    try {
      const reply = await send(applied);
      for (const name of applied) learnt.add(name);
      return reply;
    } catch (error) {
      const refusal = readFailure(error);
      // 422 is how several OpenAI-compatible servers refuse a field they do not know.
      const remedy =
        refusal.status === 400 || refusal.status === 422
          ? remedies.find(
              ({ name, after, answers }) =>
                !applied.has(name) &&
                (after === undefined || applied.has(after)) &&
                answers(refusal),
            )
          : undefined;
      if (remedy === undefined) throw error;
      applied.add(remedy.name);
    }
  }
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
