/** Where diagnostics go. Messages never hold prompts, outputs or secrets. */
export interface Logger {
  warn(message: string): void;
}

export const silentLogger: Logger = { warn: () => undefined };
