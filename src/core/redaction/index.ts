export { quotable } from "./quotable.ts";
export { redactJson, redactText } from "./redact.ts";
export { rememberSecret, rememberSecretsOf } from "./remembered.ts";
export { MASK } from "./rule.ts";
export { createScrubber, type Scrubber, type ScrubberOptions } from "./scrubber.ts";
