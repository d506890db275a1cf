import { sha256 } from "../digest.ts";
import { AssayError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { redactInPasses, redactJson, redactText, redactTexts } from "./redact.ts";

export interface ScrubberOptions {
  /** `"off"` leaves secrets where they are; a `mask` still runs. Default `"secrets"`. */
  readonly redact?: "secrets" | "off";
  /**
   * Runs first and returns what may be stored: of a param, tag, note, error or logged text its text, of
   * inputs, outputs, expectations and attributes the whole JSON value, whose texts it has to look for.
   * Names and MLflow's own tags, by which things are found, do not reach it.
   */
  readonly mask?: (value: JsonValue) => JsonValue;
}

/**
 * Takes secrets out of what is about to be written, and out of texts what PostgreSQL cannot keep in one,
 * U+0000 and halves of surrogate pairs: each becomes U+FFFD. A mask that fails takes its value with it.
 */
export interface Scrubber {
  /** Whether a mask of the user's runs: what is stored may be something else than what was there. */
  readonly isMasking: boolean;
  text(text: string): string;
  /** A name that people give: it may hold a secret, but is not content to be masked. */
  name(text: string): string;
  /** The same for many, faster. */
  names(texts: readonly string[]): readonly string[];
  /** The JSON text of `value`, scrubbed. */
  json(value: JsonValue): string;
  /** The same for values that may be long: at once, but for one that is, between the passes over which `pause` is awaited. */
  jsonInPasses(value: JsonValue, pause: () => Promise<void>): string | Promise<string>;
  /** The JSON texts of many values, as `jsonInPasses` of each and faster. */
  jsonsInPasses(
    values: readonly JsonValue[],
    pause: () => Promise<void>,
  ): readonly string[] | Promise<readonly string[]>;
  value(value: JsonValue): JsonValue;
  /** The JSON text of what Assay records of its own work, names and digests, by which runs are found again: no mask runs. */
  record(value: JsonValue): string;
  /** Texts by name, as params and tags are: a name such as `api_key` tells what its text is. */
  texts(texts: { readonly [key: string]: string }): { [key: string]: string };
  /** An identifier: one that holds a secret becomes a digest, so that different ones stay different. */
  key(text: string): string;
}

/** @throws {AssayError} `invalid-argument` for options of JavaScript callers that are none: nothing may be stored by mistake. */
export function createScrubber({ redact = "secrets", mask }: ScrubberOptions = {}): Scrubber {
  checkOptions({ redact, mask });
  const isOn = redact === "secrets";
  const masked = mask === undefined ? (value: JsonValue) => value : guarded(mask);
  const name = (text: string) => (isOn ? redactText(storable(text)) : storable(text));
  const redactLong = async (value: JsonValue, pause: () => Promise<void>): Promise<string> => {
    await pause();
    const json = JSON.stringify(value);
    return isOn ? redactInPasses(json, pause) : json;
  };
  return {
    isMasking: mask !== undefined,
    record: (value) => name(JSON.stringify(value)),
    text: (text) => name(asText(masked(text))),
    name,
    names: (texts) => {
      const stored = texts.map(storable);
      return isOn ? redactTexts(stored) : stored;
    },
    json: (value) => {
      const json = JSON.stringify(masked(value));
      return isOn ? redactText(json) : json;
    },
    jsonInPasses: (value, pause) => {
      const shown = masked(value);
      // Of a text it is known beforehand, and to make its JSON is work as well.
      if (isLongText(shown)) return redactLong(shown, pause);
      const json = JSON.stringify(shown);
      if (!isOn) return json;
      return json.length < LONG ? redactText(json) : redactInPasses(json, pause);
    },
    jsonsInPasses: (values, pause) => {
      const shown = values.map(masked);
      const isAnyLong = shown.some(isLongText);
      const jsons = isAnyLong ? [] : shown.map((value) => JSON.stringify(value));
      if (!isAnyLong && totalOf(jsons) < LONG) return isOn ? redactTexts(jsons) : jsons;
      return allInTurn(shown, (value) => redactLong(value, pause));
    },
    value: (value) => (isOn ? redactJson(masked(value)) : masked(value)),
    texts: (texts) => {
      const shown = Object.fromEntries(
        Object.entries(texts).map(([key, value]) => [
          storable(key),
          storable(isSystemTag(key) ? value : asText(masked(value))),
        ]),
      );
      return (isOn ? redactJson(shown) : shown) as { [key: string]: string };
    },
    key: (key) => {
      const stored = storable(key);
      const isPlain = !isOn || redactText(stored) === stored;
      return isPlain ? stored : `[redacted:${sha256(key).slice(0, 16)}]`;
    },
  };
}

/** Characters of a text of which a pass takes about a millisecond. */
const LONG = 100_000;

const isLongText = (value: JsonValue) => typeof value === "string" && value.length >= LONG;

const totalOf = (texts: readonly string[]) => texts.reduce((sum, text) => sum + text.length, 0);

async function allInTurn<I, O>(items: readonly I[], work: (item: I) => Promise<O>): Promise<O[]> {
  const done: O[] = [];
  for (const item of items) done.push(await work(item));
  return done;
}

function checkOptions({
  redact,
  mask,
}: {
  readonly redact: unknown;
  readonly mask: unknown;
}): void {
  if (redact !== "secrets" && redact !== "off") {
    throw new AssayError(
      "invalid-argument",
      `Expected \`redact\` to be "secrets" or "off", got ${JSON.stringify(redact)}`,
    );
  }
  if (mask !== undefined && typeof mask !== "function") {
    throw new AssayError(
      "invalid-argument",
      `Expected \`mask\` to be a function, got ${typeof mask}`,
    );
  }
}

const isSystemTag = (key: string) => key.startsWith("mlflow.") && key !== NOTE;

/** The one of MLflow's tags that people write texts into. */
const NOTE = "mlflow.note.content";

const storable = (text: string) =>
  (text.includes("\0") ? text.replaceAll("\0", "\uFFFD") : text).toWellFormed();

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
