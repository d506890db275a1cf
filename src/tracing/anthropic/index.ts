import { AssayError } from "../../core/index.ts";
import type { InstrumentOptions } from "../openai/instrument.ts";
import { sdkAutolog } from "../recorders/autolog-sdk.ts";
import { instrumentAnthropic, wrapAnthropic } from "./instrument.ts";

export type { InstrumentOptions } from "../openai/instrument.ts";

export const anthropic = sdkAutolog(
  { specifier: "@anthropic-ai/sdk", packageName: "@anthropic-ai/sdk", title: "Anthropic" },
  (module) => (module as { readonly Anthropic?: object }).Anthropic,
  instrumentAnthropic,
);

/** Traces every call of every client of `@anthropic-ai/sdk` in this process from now on. */
export const autolog = anthropic.autolog;

/** Ends what {@link autolog} began. */
export const stopAutolog = anthropic.stopAutolog;

/**
 * Traces every call of one client, which is the one that is returned.
 *
 * @throws {AssayError} `invalid-argument` for something that is no client of `@anthropic-ai/sdk`.
 */
export function wrap<C extends object>(client: C, options: InstrumentOptions = {}): C {
  if (wrapAnthropic(client, options) > 0) return client;
  throw new AssayError("invalid-argument", "Expected a client of @anthropic-ai/sdk to wrap");
}
