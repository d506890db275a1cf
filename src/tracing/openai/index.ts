import { AssayError } from "../../core/index.ts";
import { sdkAutolog } from "../recorders/autolog-sdk.ts";
import { type InstrumentOptions, instrumentOpenAI, wrapOpenAI } from "./instrument.ts";

export type { InstrumentOptions } from "./instrument.ts";

export const openai = sdkAutolog(
  { specifier: "openai", packageName: "openai", title: "OpenAI" },
  (module) => (module as { readonly OpenAI?: object }).OpenAI,
  instrumentOpenAI,
);

/** Traces every call of every client of the `openai` package in this process from now on. */
export const autolog = openai.autolog;

/** Ends what {@link autolog} began. */
export const stopAutolog = openai.stopAutolog;

/**
 * Traces every call of one client, which is the one that is returned.
 *
 * @throws {AssayError} `invalid-argument` for something that is no client of the `openai` package.
 */
export function wrap<C extends object>(client: C, options: InstrumentOptions = {}): C {
  if (wrapOpenAI(client, options) > 0) return client;
  throw new AssayError("invalid-argument", "Expected a client of the openai package to wrap");
}
