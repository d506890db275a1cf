import { type Usage, withoutAbsent } from "../core/index.ts";

/** Tokens as a provider reports them; absent for what is no count. Some servers send null, texts or -1. */
export function tokenCount(reported: unknown): number | undefined {
  return typeof reported === "number" && Number.isSafeInteger(reported) && reported >= 0
    ? reported
    : undefined;
}

/** What is known of a call's usage; absent where that is nothing. */
export function knownUsage(
  usage: {
    readonly [name in keyof Usage]: Usage[name] | undefined;
  },
): Usage | undefined {
  const known = withoutAbsent<Usage>(usage);
  return Object.keys(known).length === 0 ? undefined : known;
}
