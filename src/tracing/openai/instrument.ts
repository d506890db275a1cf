import { patchMethod } from "../recorders/patch.ts";
import { type CallShape, recordCall } from "../recorders/record-call.ts";
import { tracingSettings } from "../settings.ts";
import { chatCompletions } from "./chat.ts";
import { completions } from "./completions.ts";
import { embeddings, moderations } from "./embeddings.ts";
import { openaiProviderOf } from "./provider.ts";
import { responses } from "./responses.ts";

/** Where the calls are: on a client by these names, on its class by the same in capitals. */
const CALLS: readonly (readonly [path: readonly string[], shape: CallShape])[] = [
  [["chat", "completions"], chatCompletions],
  [["responses"], responses],
  [["completions"], completions],
  [["embeddings"], embeddings],
  [["moderations"], moderations],
];

export interface InstrumentOptions {
  /** False leaves messages and texts out; default as `configureTracing` says. */
  readonly content?: boolean;
}

/**
 * Traces every call of the clients of an `OpenAI` class from now on.
 *
 * @param isOn - Asked at each call.
 * @returns How many kinds of calls were found: none means that this is no such class.
 */
export function instrumentOpenAI(openai: object, isOn: () => boolean = () => true): number {
  const resources = CALLS.map(([path, shape]) => {
    const names = path.map((name) => name.charAt(0).toUpperCase() + name.slice(1));
    return [prototypeOf(at(openai, names)), shape] as const;
  });
  return resources.filter(([owner, shape]) => owner && patchCreate(owner, shape, isOn, {})).length;
}

/** Traces the calls of one client; returns how many kinds of calls were found. */
export function wrapOpenAI(client: object, options: InstrumentOptions = {}): number {
  const found = CALLS.filter(([path, shape]) => {
    const owner = at(client, path);
    return owner !== undefined && patchCreate(owner, shape, () => true, options);
  });
  // A copy with other options is a client of its own.
  patchMethod(client, "withOptions", (original, self, args) => {
    const copy = original.apply(self, [...args]);
    if (typeof copy === "object" && copy !== null) wrapOpenAI(copy, options);
    return copy;
  });
  return found.length;
}

function patchCreate(
  owner: object,
  shape: CallShape,
  isOn: () => boolean,
  options: InstrumentOptions,
): boolean {
  return patchMethod(owner, "create", (original, self, args) => {
    const call = () => original.apply(self, [...args]);
    if (!isOn()) return call();
    const client = (self as { readonly _client?: { readonly baseURL?: unknown } })._client;
    const withContent = options.content ?? tracingSettings().content;
    const settings = { shape, client, providerOf: openaiProviderOf, withContent };
    return recordCall(settings, args[0], call);
  });
}

function at(start: object, path: readonly string[]): object | undefined {
  let found: unknown = start;
  for (const name of path) {
    if (!isObject(found)) return undefined;
    found = found[name];
  }
  return isObject(found) ? found : undefined;
}

function prototypeOf(resource: object | undefined): object | undefined {
  return typeof resource === "function" ? (resource.prototype as object) : undefined;
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
