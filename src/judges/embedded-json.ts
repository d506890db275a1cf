/** A JSON object found inside a longer text. */
export interface EmbeddedObject {
  readonly start: number;
  readonly end: number;
  readonly value: unknown;
}

/** Enough for any reply that is still a verdict; bounds the work on one that is not. */
const MOST_OBJECTS = 64;

/**
 * JSON as models write it: control characters inside strings and commas before a closing bracket are
 * forgiven.
 *
 * @returns `undefined` where the text is not JSON.
 */
export function parseLenientJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const repaired = text.replace(/"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/gs, (piece) =>
    piece === "," ? "" : piece.replace(/\p{Cc}/gu, escapeControl),
  );
  try {
    return JSON.parse(repaired);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

/** The outermost JSON objects of a text, in order: in a fence, in prose, anywhere. */
export function embeddedObjects(text: string): EmbeddedObject[] {
  const found: EmbeddedObject[] = [];
  let start = text.indexOf("{");
  for (let tried = 0; start !== -1 && tried < MOST_OBJECTS; tried++) {
    const end = closingBrace(text, start);
    const value = end === -1 ? undefined : parseLenientJson(text.slice(start, end));
    if (typeof value === "object" && value !== null) found.push({ start, end, value });
    start = text.indexOf("{", value === undefined ? start + 1 : end);
  }
  return found;
}

/** The index after the brace that closes the one at `start`; -1 without one. */
function closingBrace(text: string, start: number): number {
  let depth = 0;
  let inString = false;
  for (let index = start; index < text.length; index++) {
    const character = text[index];
    if (character === "\\" && inString) index++;
    else if (character === '"') inString = !inString;
    else if (!inString && character === "{") depth++;
    else if (!inString && character === "}" && --depth === 0) return index + 1;
  }
  return -1;
}

function escapeControl(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
