import { type Context, createContextKey } from "@opentelemetry/api";

const OWNED = createContextKey("assay.model-call");

/** `from` inside a model call that has its span already: SDKs below record no second one. */
export function owningModelCall(from: Context): Context {
  return from.setValue(OWNED, true);
}

export function ownedModelCall(from: Context): boolean {
  return from.getValue(OWNED) === true;
}
