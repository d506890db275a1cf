import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { heldBy, sizeOf } from "./recorded.ts";

/** A part of a trace on its way to its destination. */
export interface Pending {
  readonly spanCount: number;
  /** Of the texts that it holds. */
  readonly characters: number;
  /** Puts it on disk at once; whether it is there. */
  readonly keep: () => boolean;
  /** Tells that it is lost. */
  readonly lose: () => void;
}

/** What may be under way at a time; more goes to disk. A trace holds the texts of its prompts. */
const MOST_SPANS = 50_000;
const MOST_CHARACTERS = 64 * 2 ** 20;

/** How it went with the spans of this process that had ended. */
export interface TraceCounts {
  /** Received by a store, or by whom else they were for. */
  readonly delivered: number;
  /** On disk, to be stored later. */
  readonly spooled: number;
  readonly dropped: number;
}

/** Bounds what is under way, so that a store that is away does not fill the memory. */
export class PendingTraces {
  readonly #pending = new Set<Pending>();
  #spans = 0;
  #characters = 0;
  #delivered = 0;
  #spooled = 0;
  #dropped = 0;

  get counts(): TraceCounts {
    return { delivered: this.#delivered, spooled: this.#spooled, dropped: this.#dropped };
  }

  get isFull(): boolean {
    return this.#spans >= MOST_SPANS || this.#characters >= MOST_CHARACTERS;
  }

  begin(pending: Pending): void {
    this.#pending.add(pending);
    this.#spans += pending.spanCount;
    this.#characters += pending.characters;
  }

  delivered(pending: Pending): void {
    if (!this.#end(pending)) return;
    this.#delivered += pending.spanCount;
  }

  /** Keeps it on disk, or counts it as lost; resolves to whether it is kept. */
  failed(pending: Pending): boolean {
    this.#end(pending);
    const { spanCount } = pending;
    if (pending.keep()) {
      this.#spooled += spanCount;
      return true;
    }
    this.#dropped += spanCount;
    pending.lose();
    return false;
  }

  /** At the end of the process: all that is under way, at once. */
  keepAll(): void {
    for (const pending of [...this.#pending]) this.failed(pending);
  }

  #end(pending: Pending): boolean {
    if (!this.#pending.delete(pending)) return false;
    this.#spans -= pending.spanCount;
    this.#characters -= pending.characters;
    return true;
  }
}

export function charactersOf(spans: readonly ReadableSpan[]): number {
  let characters = 0;
  for (const span of spans) {
    const { attributes } = span;
    const held = heldBy(span);
    if (held !== undefined) characters += sizeOf(held);
    for (const name in attributes) {
      const value = attributes[name];
      if (typeof value === "string") characters += value.length;
    }
  }
  return characters;
}
