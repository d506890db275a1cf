import { type EvaluationReport, labelOf } from "./report.ts";

/**
 * Reports as JUnit XML: one suite per evaluation, one case per gate. An undecided gate that passes is a case
 * that passes, with its message as output; an incomplete evaluation is an error.
 */
export function toJUnit(reports: readonly EvaluationReport[]): string {
  const suites = reports.map(suite);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join("\n")}\n</testsuites>\n`;
}

function suite({ name, status, gates, problems = [], durationMs }: EvaluationReport): string {
  const isIncomplete = status !== "finished";
  const failures = isIncomplete ? 0 : gates.filter(({ decision }) => decision === "fail").length;
  const seconds = (durationMs / 1000).toFixed(3);
  const tests = isIncomplete ? gates.length + 1 : Math.max(1, gates.length);
  const cases = gates.map((gate) => {
    const open = `    <testcase name="${escapeXml(gate.gate)}" classname="${escapeXml(name)}">`;
    const says = `${labelOf(gate)}  ${gate.message}`;
    const inside = isIncomplete
      ? "<skipped/>"
      : gate.decision === "fail"
        ? `<failure message="${escapeXml(gate.title)}">${escapeXml(gate.message)}</failure>`
        : `<system-out>${escapeXml(says)}</system-out>`;
    return `${open}${inside}</testcase>`;
  });
  if (isIncomplete) {
    const why = problems.join("; ") || `the evaluation is ${status}`;
    cases.unshift(
      `    <testcase name="evaluation is complete" classname="${escapeXml(name)}"><error message="${escapeXml(status)}">${escapeXml(why)}</error></testcase>`,
    );
  } else if (gates.length === 0) {
    cases.push(`    <testcase name="evaluation is complete" classname="${escapeXml(name)}"/>`);
  }
  return [
    `  <testsuite name="${escapeXml(name)}" tests="${tests}" failures="${failures}" errors="${isIncomplete ? 1 : 0}" skipped="${isIncomplete ? gates.length : 0}" time="${seconds}">`,
    ...cases,
    "  </testsuite>",
  ].join("\n");
}

/** XML 1.0 has no control characters, not even as references. */
function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
  );
}
