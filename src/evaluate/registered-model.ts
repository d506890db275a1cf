import { AssayError, redactText } from "../core/index.ts";

/** Whether a model is named by its place in a registry: `models:/name@alias`, `models:/name/3`. */
export function isRegisteredModel(uri: string): boolean {
  return /^models:/i.test(uri.trim());
}

/** What there is to say until the tracking store has a registry to look such a name up in. */
export function noRegistry(uri: string): AssayError {
  return new AssayError(
    "configuration",
    `"${redactText(uri).slice(0, 80)}" names a registered model, and the tracking store has no model registry. Give the model it stands for: its URI (openai:/…), the address of its endpoint (https://…/invocations), or a function.`,
  );
}
