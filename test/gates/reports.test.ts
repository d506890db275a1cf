import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import {
  decideBaselines,
  decideGate,
  decideRows,
  type EvaluationReport,
  type GateResult,
  labelOf,
  type MetricGate,
  overallDecision,
  overallVerdict,
  pairedEvidence,
  parseGate,
  type RowsGate,
  reportDocument,
  reportJsonSchema,
  toAnnotations,
  toHtml,
  toJUnit,
  toMarkdown,
  toOutputs,
} from "../../src/gates/index.ts";
import { momentsOf, plusTwoTInterval } from "../../src/stats/index.ts";

const metric = (text: string) => parseGate(text) as MetricGate;
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Two hundred judge scores: `bad` of them 2, every seventh of the others 4, the rest 5. */
const scores = (bad: number) =>
  Array.from({ length: 200 }, (_, i) => (i < bad ? 2 : i % 7 === 0 ? 4 : 5));

function meanGate(text: string, values: readonly number[], failed = 0): GateResult {
  const interval = plusTwoTInterval(momentsOf(values), [1, 5]);
  const counts = { scored: values.length, failed, missing: 0, notApplicable: 0 };
  const sum = mean(values) * values.length;
  const n = values.length + failed;
  return decideGate(metric(text), {
    estimate: mean(values),
    ...(interval && { interval }),
    n: values.length,
    counts,
    ...(failed > 0 && { worstCase: { lower: (sum + failed) / n, upper: (sum + 5 * failed) / n } }),
  });
}

function report(name: string, gates: GateResult[], values: readonly number[]): EvaluationReport {
  const verdict = overallVerdict(gates);
  const decision = overallDecision(gates);
  const interval = plusTwoTInterval(momentsOf(values), [1, 5]);
  return {
    name,
    runId: "0123456789abcdef0123456789abcdef",
    status: "finished",
    ...(verdict && { verdict }),
    ...(decision && { decision }),
    gates,
    summaries: {
      "relevance/v1": {
        mean: mean(values),
        ...(interval && { interval }),
        n: 201,
        scored: 200,
        failed: 1,
        notApplicable: 0,
        missing: 0,
      },
    },
    counts: { rows: 201, trials: 201, completed: 201, failed: 1 },
    usage: { inputTokens: 51_200, outputTokens: 9_800, cost: 0.0314 },
    durationMs: 12_345,
    notes: ["left out without targets: exact_match"],
  };
}

/** A run that got worse than its baseline, misses its mean and has rows that must not be. */
function failing(): EvaluationReport {
  const [now, before] = [scores(90), scores(20)];
  const paired = pairedEvidence(
    { candidate: now, baseline: before },
    { operator: ">=", factor: 1, offset: -0.1, scale: [1, 5] },
  );
  const [compared] = decideBaselines([
    {
      gate: metric("relevance/v1/mean >= baseline - 0.1"),
      evidence: { estimate: mean(now), n: 200 },
      name: "branch main, run fedcba987654",
      value: mean(before),
      ...(paired && { paired: { ...paired, pairs: 200 } }),
      worst: [
        { rowKey: "refund-1", before: 5, after: 2 },
        { rowKey: "a".repeat(64), before: 4, after: 2 },
      ],
      onlyHere: { count: 1, rows: ["new-1"] },
      onlyInBaseline: { count: 0, rows: [] },
    },
  ]);
  const rows = decideRows(parseGate("at most 2 rows: relevance < 3") as RowsGate, {
    rows: 200,
    met: 90,
    missed: 110,
    examples: ["refund-1", "row 3", "<script>alert(1)</script>"],
  });
  const gates = [meanGate("relevance/v1/mean >= 4", now, 1), compared as GateResult, rows];
  return report("support bot | v2", gates, now);
}

/** A run whose mean lies so near the threshold that another sample could miss it. */
function undecided(): EvaluationReport {
  const values = scores(55);
  return report("support bot", [meanGate("relevance/v1/mean >= 4", values, 1)], values);
}

describe.each([
  ["failing", failing],
  ["undecided", undecided],
])("the reports of a run that is %s are the checked-in examples, byte for byte", (name, make) => {
  const at = (ending: string) => `../../docs/examples/report-${name}.${ending}`;

  test("Markdown", async () => {
    await expect(toMarkdown([reportDocument(make())])).toMatchFileSnapshot(at("md"));
  });

  test("HTML", async () => {
    await expect(toHtml([reportDocument(make())])).toMatchFileSnapshot(at("html"));
  });

  test("JUnit", async () => {
    await expect(toJUnit([make()])).toMatchFileSnapshot(at("junit.xml"));
  });

  test("JSON, by its schema", async () => {
    const json = [{ ...make(), experimentId: "1", metrics: {} }];
    const validate = new Ajv2020().compile(reportJsonSchema());
    validate(json);
    expect(validate.errors).toBeNull();
    await expect(`${JSON.stringify(json, null, 2)}\n`).toMatchFileSnapshot(at("json"));
  });

  test("GitHub annotations", async () => {
    await expect(`${toAnnotations([make()]).join("\n")}\n`).toMatchFileSnapshot(at("github.txt"));
  });
});

test("the schema of the JSON report is the published file", async () => {
  const schema = `${JSON.stringify(reportJsonSchema(), null, 2)}\n`;
  await expect(schema).toMatchFileSnapshot("../../docs/report.schema.json");
});

describe("reports", () => {
  test("carry the verdict in their title", () => {
    expect(reportDocument(undecided()).title).toMatch(
      /^support bot: relevance 4\.\d+ ± 0\.\d+ ≥ 4 \(n=200\): too close to call, taken as pass$/,
    );
    expect(reportDocument(failing()).title).toBe("support bot | v2: fail (3 of 3 gates failed)");
  });

  test("label what is undecided, whichever way it is taken", () => {
    const labels = (["pass", "fail"] as const).flatMap((decision) =>
      (["pass", "fail", "undecided"] as const).map((verdict) => labelOf({ decision, verdict })),
    );
    expect(labels).toEqual([
      "PASS",
      "PASS",
      "PASS (undecided)",
      "FAIL",
      "FAIL",
      "FAIL (undecided)",
    ]);
  });

  test("let no text of data become markup", () => {
    const document = [reportDocument(failing())];
    expect(toHtml(document)).not.toContain("<script>");
    expect(toMarkdown(document)).not.toContain("<script>");
    expect(toMarkdown(document)).toContain("support bot \\| v2");
    expect(toJUnit([failing()])).not.toContain("<script>");
  });

  test("begin with a marker of one line, whatever the evaluation is called", () => {
    const document = reportDocument(report("a\n::error::b --> c", [], scores(0)));
    expect(toMarkdown([document]).split("\n")[0]).toBe("<!-- assay-report:a ::error::b - c -->");
  });

  test("keep line breaks and commas out of workflow commands", () => {
    const gate = {
      ...meanGate("m >= 4", scores(90)),
      title: "a: b, c",
      message: "one\n::error::two",
    };
    expect(toAnnotations([report("e", [gate], scores(90))])).toEqual([
      "::error title=a%3A b%2C c::one%0A::error::two",
    ]);
  });

  test("say of an incomplete evaluation that its gates mean nothing", () => {
    const open = { ...failing(), status: "incomplete", problems: ["judge unreachable"] };
    expect(reportDocument(open).outcome).toBe("incomplete");
    expect(toJUnit([open])).toMatch(
      /errors="1" skipped="3".*\n.*<error message="incomplete">judge/,
    );
    expect(toAnnotations([open])).toEqual([
      "::error title=support bot | v2%3A incomplete::judge unreachable",
    ]);
  });

  test("show no mean of the rows that happened to work", () => {
    const whole = reportDocument(failing());
    const partial = reportDocument({
      ...failing(),
      incompleteScorers: Object.keys(failing().summaries),
    });
    const cells = (document: typeof whole) =>
      document.blocks.flatMap((block) =>
        block.kind === "table" && block.columns[0]?.title === "scorer" ? block.rows : [],
      );
    expect(cells(whole)[0]?.slice(1, 3)).not.toContain("incomplete");
    expect(cells(partial)[0]?.slice(1, 3)).toEqual(["incomplete", ""]);
  });

  test("give the step its outputs", () => {
    expect(toOutputs([failing(), undecided()])).toBe(
      "decision=fail\nverdict=fail\nrun-ids=0123456789abcdef0123456789abcdef 0123456789abcdef0123456789abcdef\n",
    );
    expect(toOutputs([])).toBe("decision=none\nverdict=none\nrun-ids=\n");
  });
});
