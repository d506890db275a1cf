import { sha256 } from "../digest.ts";
import type { JsonValue } from "../json.ts";
import { redactJson, redactText } from "./redact.ts";

export interface ScrubberOptions {
  /** `"off"` leaves secrets where they are; a `mask` still runs. Default `"secrets"`. */
  readonly redact?: "secrets" | "off";
  /**
   * Runs first, on the values of params, tags and attributes, on inputs, outputs and errors, and returns
   * what may be stored of them. Names and MLflow's own tags, by which things are found, do not reach it.
   */
  readonly mask?: (value: JsonValue) => JsonValue;
}

/** Takes secrets out of what is about to be written. A mask that fails takes its value with it. */
export interface Scrubber {
  text(text: string): string;
  /** A name that people give: it may hold a secret, but is not content to be masked. */
  name(text: string): string;
  /** The JSON text of `value`, scrubbed. */
  json(value: JsonValue): string;
  value(value: JsonValue): JsonValue;
  /** Texts by name, as params and tags are: a name such as `api_key` tells what its text is. */
  texts(texts: { readonly [key: string]: string }): { [key: string]: string };
  /** An identifier: one that holds a secret becomes a digest, so that different ones stay different. */
  key(text: string): string;
}

export function createScrubber({ redact = "secrets", mask }: ScrubberOptions = {}): Scrubber {
  const isOn = redact === "secrets";
  const masked = mask === undefined ? (value: JsonValue) => value : guarded(mask);
  const text = (value: string) => {
    const shown = asText(masked(value));
    return isOn ? redactText(shown) : shown;
  };
  return {
    text,
    name: (name) => (isOn ? redactText(name) : name),
    json: (value) => {
      const json = JSON.stringify(masked(value));
      return isOn ? redactText(json) : json;
    },
    value: (value) => (isOn ? redactJson(masked(value)) : masked(value)),
    texts: (texts) => {
      const shown = Object.fromEntries(
        Object.entries(texts).map(([key, value]) => [
          key,
          key.startsWith(SYSTEM_TAGS) ? value : asText(masked(value)),
        ]),
      );
      return (isOn ? redactJson(shown) : shown) as { [key: string]: string };
    },
    key: (key) =>
      !isOn || redactText(key) === key ? key : `[redacted:${sha256(key).slice(0, 16)}]`,
  };
}

const SYSTEM_TAGS = "mlflow.";

const asText = (value: JsonValue) => (typeof value === "string" ? value : JSON.stringify(value));

/** What a mask lets through is unknown once it has failed, so nothing of the value is kept. */
function guarded(mask: (value: JsonValue) => JsonValue): (value: JsonValue) => JsonValue {
  return (value) => {
    try {
      const json = JSON.stringify(mask(value));
      if (json === undefined) throw new TypeError("A mask must return a value that JSON can hold");
      return JSON.parse(json) as JsonValue;
    } catch (error) {
      return `[mask failed: ${error instanceof Error ? error.name : "unknown"}]`;
    }
  };
}
