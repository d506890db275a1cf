import type { Block, ReportDocument } from "./report.ts";

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
h1{font-size:1.3rem;border-left:.5rem solid #888;padding-left:.7rem}
h1.pass{border-color:#1a7f37}h1.fail{border-color:#cf222e}h1.undecided{border-color:#bf8700}h1.incomplete{border-color:#8250df}
h2{font-size:1.05rem;margin-top:1.6rem}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #d0d7de;padding:.3rem .6rem;text-align:left;vertical-align:top}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}th,td{border-color:#30363d}}`;

/** Reports as one HTML file: no script, nothing loaded from elsewhere. */
export function toHtml(documents: readonly ReportDocument[]): string {
  const titles = documents.map(({ title }) => title).join("; ");
  const body = documents
    .map(({ title, outcome, blocks }) =>
      [`<h1 class="${outcome}">${escapeHtml(title)}</h1>`, ...blocks.map(block)].join("\n"),
    )
    .join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(titles)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

function block(given: Block): string {
  if (given.kind === "heading") return `<h2>${escapeHtml(given.text)}</h2>`;
  if (given.kind === "lines") {
    return `<ul>\n${given.lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("\n")}\n</ul>`;
  }
  const classOf = (index: number) => (given.columns[index]?.isNumber ? ' class="n"' : "");
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell, index) => `<${tag}${classOf(index)}>${escapeHtml(cell)}</${tag}>`).join("");
  const head = cells(
    given.columns.map(({ title }) => title),
    "th",
  );
  const rows = given.rows.map((row) => `<tr>${cells(row, "td")}</tr>`);
  return `<table>\n<tr>${head}</tr>\n${rows.join("\n")}\n</table>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
