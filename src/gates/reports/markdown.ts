import type { Block, Outcome, ReportDocument } from "./report.ts";

const ICONS: { readonly [outcome in Outcome]: string } = {
  pass: "✅",
  fail: "❌",
  undecided: "⚠️",
  incomplete: "🚫",
  none: "ℹ️",
};

/**
 * Reports as GitHub-flavoured Markdown, for a job summary or a comment on a pull request. It begins with a
 * comment that names the report, by which a later one finds and replaces it.
 */
export function toMarkdown(documents: readonly ReportDocument[]): string {
  return documents
    .map(({ marker, title, outcome, blocks }) =>
      [
        `<!-- ${escapeComment(marker)} -->`,
        `## ${ICONS[outcome]} ${escapeMarkdown(title)}`,
        ...blocks.map(block),
      ].join("\n\n"),
    )
    .join("\n\n")
    .concat("\n");
}

function block(given: Block): string {
  if (given.kind === "heading") return `### ${escapeMarkdown(given.text)}`;
  if (given.kind === "lines")
    return given.lines.map((line) => `- ${escapeMarkdown(line)}`).join("\n");
  const rule = given.columns.map(({ isNumber }) => (isNumber ? "---:" : "---"));
  const rows = [given.columns.map(({ title }) => title), rule, ...given.rows];
  return rows
    .map((row, index) => `| ${row.map(index === 1 ? String : escapeMarkdown).join(" | ")} |`)
    .join("\n");
}

/** Text of models and data must not become markup, a link or a mention. */
function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/([\\`*_[\]|#~])/g, "\\$1")
    .replace(/@/g, "@\u200b");
}

function escapeComment(text: string): string {
  return text.replace(/\s+/g, " ").replace(/--+/g, "-").replace(/[<>]/g, "");
}
