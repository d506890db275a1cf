import { type Context, createContextKey } from "@opentelemetry/api";
import type { Answer } from "./recorders/answer.ts";

const OWNED = createContextKey("assay.model-call");

/** Hears what the SDK below answers; what it tells is the owner's to record. */
export type Listener = (answer: Answer) => void;

/** `from` inside a model call that has its span already: SDKs below record no second one. */
export function owningModelCall(from: Context): Context {
  return from.setValue(OWNED, true);
}

/** The same, for a framework that does not tell what the SDK's answers say. */
export function hearingModelCalls(from: Context, listener: Listener): Context {
  return from.setValue(OWNED, listener);
}

/** Whether a call here is recorded already, and who wants to hear of it. */
export function modelCallOwner(from: Context): true | Listener | undefined {
  return from.getValue(OWNED) as true | Listener | undefined;
}
