import { type Pattern, parsePattern, type Range } from "../../search/index.ts";

const ASSERTIONS = { start: "^", end: "$", boundary: "\\y", "no boundary": "\\Y" };

/**
 * A pattern of ours as PostgreSQL's advanced regular expression that matches the same texts, compared
 * under `collate "C"`, where its words are ASCII's. Every character is spelled out, so that nothing
 * depends on what PostgreSQL takes a sign or a class for.
 */
export function postgresPattern(pattern: string): string {
  return render(parsePattern(pattern));
}

function render(pattern: Pattern): string {
  switch (pattern.kind) {
    case "character":
      return `[${pattern.ranges.map(range).join("")}]`;
    case "assertion":
      return ASSERTIONS[pattern.at];
    case "sequence":
      return `(?:${pattern.parts.map(render).join("")})`;
    case "choice":
      return `(?:${pattern.parts.map(render).join("|")})`;
    case "repeat": {
      const { part, min, max } = pattern;
      return `${render(part)}{${min},${Number.isFinite(max) ? max : ""}}`;
    }
  }
}

function range([from, to]: Range): string {
  // No text of a database holds U+0000.
  const first = character(Math.max(from, 1));
  return from === to ? first : `${first}-${character(to)}`;
}

function character(code: number): string {
  return `\\U${code.toString(16).padStart(8, "0")}`;
}
