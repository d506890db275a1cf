/** A piece of a prompt: text that stands as it is, or the place of a value. */
export type Segment = { readonly text: string } | { readonly variable: string };

/** `{{ name }}`; spaces around the name are free. */
const DOUBLE_BRACES = /\{\{\s*([A-Za-z_]\w*)\s*\}\}/g;
/** Also `{name}`, as in Python's format strings. */
const ANY_BRACES = /\{\{\s*([A-Za-z_]\w*)\s*\}\}|\{([A-Za-z_]\w*)\}/g;

export function parseTemplate(
  template: string,
  braces: "double" | "double or single" = "double",
): Segment[] {
  const segments: Segment[] = [];
  let end = 0;
  for (const match of template.matchAll(braces === "double" ? DOUBLE_BRACES : ANY_BRACES)) {
    if (match.index > end) segments.push({ text: template.slice(end, match.index) });
    segments.push({ variable: match[1] ?? (match[2] as string) });
    end = match.index + match[0].length;
  }
  if (end < template.length) segments.push({ text: template.slice(end) });
  return segments;
}

/** The names of the values a template wants, each once, in order. */
export function variablesOf(segments: readonly Segment[]): string[] {
  return [...new Set(segments.flatMap((piece) => ("variable" in piece ? [piece.variable] : [])))];
}

/** Puts constants in their places. Braces inside a constant stay text. */
export function fillConstants(
  segments: readonly Segment[],
  constants: { readonly [name: string]: string },
): Segment[] {
  return segments.map((piece) => {
    const text = "variable" in piece ? constants[piece.variable] : undefined;
    return text === undefined ? piece : { text };
  });
}

/** The template as text, values still placeholders: what a fingerprint is taken of. */
export function templateText(segments: readonly Segment[]): string {
  return segments
    .map((piece) => ("variable" in piece ? `{{ ${piece.variable} }}` : piece.text))
    .join("");
}

/**
 * The prompt, in a single pass: a value is never looked at again, so braces inside it expand to
 * nothing. A value that is absent leaves no empty line behind.
 */
export function renderTemplate(
  segments: readonly Segment[],
  values: ReadonlyMap<string, string>,
): string {
  let prompt = "";
  let skipNewline = false;
  for (const piece of segments) {
    if ("variable" in piece) {
      const value = values.get(piece.variable);
      if (value === undefined) skipNewline = prompt === "" || prompt.endsWith("\n");
      prompt += value ?? "";
    } else {
      prompt += skipNewline ? piece.text.replace(/^\n/, "") : piece.text;
      skipNewline = false;
    }
  }
  return prompt;
}
