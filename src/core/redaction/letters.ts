/** Parts of the regular expressions of keys. */

export const WORD = "[A-Za-z0-9]";
export const URL_SAFE = "[A-Za-z0-9_-]";
export const BASE64 = String.raw`(?:[A-Za-z0-9+/]|\\/)`;
export const HEX = "[0-9A-Fa-f]";
export const UUID = `${HEX}{8}-${HEX}{4}-${HEX}{4}-${HEX}{4}-${HEX}{12}`;

/** Names are words; a key has a digit early on. */
export const DIGIT = String.raw`(?=[A-Za-z_-]{0,60}\d)`;

export const END = "(?![A-Za-z0-9])";

export const oneOf = (shapes: readonly string[]) => [...new Set(shapes)].join("|");
