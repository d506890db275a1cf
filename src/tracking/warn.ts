import type { Logger } from "../core/index.ts";

/** Node's own warnings: on standard error, unless the program listens for them or turns them off. */
const processWarnings: Logger = {
  warn: (message) => process.emitWarning(message, "AssayWarning"),
};

let logger = processWarnings;

/** Where warnings of tracking go from now on. */
export function setWarningLogger(given: Logger): void {
  logger = given;
}

export function warn(message: string): void {
  logger.warn(message);
}
