/** A UUID of version 7, as LangChain names its runs: by time, then random. */
export function newRunUuid(now: number = Date.now()): string {
  const time = now.toString(16).padStart(12, "0");
  const random = crypto.randomUUID();
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
}
