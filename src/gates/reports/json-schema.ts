const number = { type: "number" } as const;
const text = { type: "string" } as const;
const count = { type: "integer", minimum: 0 } as const;
const verdict = { enum: ["pass", "fail", "undecided"] } as const;
const decision = { enum: ["pass", "fail"] } as const;
const texts = { type: "array", items: text } as const;

const object = (properties: object, required: readonly string[] = Object.keys(properties)) => ({
  type: "object",
  properties,
  required,
});

const interval = object({
  lower: number,
  upper: number,
  level: { type: "number", exclusiveMinimum: 0, maximum: 1 },
  method: text,
});

const rows = object({ count, rows: texts });

const gate = object(
  {
    gate: text,
    verdict,
    decision,
    estimate: number,
    interval,
    threshold: number,
    title: text,
    message: text,
    problem: text,
    counts: object(
      { scored: count, failed: count, missing: count, notApplicable: count, clusters: count },
      ["scored", "failed", "missing", "notApplicable"],
    ),
    worstCase: object({ lower: number, upper: number }),
    rerunStandardError: number,
    flipChance: { type: "number", minimum: 0, maximum: 1 },
    baseline: object(
      {
        name: text,
        estimate: number,
        pairs: count,
        difference: object({ estimate: number, interval }, ["estimate"]),
        pWorse: { type: "number", minimum: 0, maximum: 1 },
        worse: count,
        better: count,
        worst: {
          type: "array",
          items: object({ rowKey: text, before: number, after: number }),
        },
        onlyHere: rows,
        onlyInBaseline: rows,
        detectable: number,
      },
      ["name", "estimate", "onlyHere", "onlyInBaseline"],
    ),
    stopped: object({ at: count, of: count, by: { enum: ["logic", "evidence"] } }),
  },
  ["gate", "verdict", "decision", "threshold", "title", "message"],
);

const summary = object(
  {
    mean: number,
    interval,
    n: count,
    scored: count,
    failed: count,
    notApplicable: count,
    missing: count,
  },
  ["n", "scored", "failed", "notApplicable", "missing"],
);

const evaluation = object(
  {
    name: text,
    runId: text,
    experimentId: text,
    status: { enum: ["finished", "incomplete", "interrupted", "failed"] },
    verdict,
    decision,
    gates: { type: "array", items: gate },
    metrics: { type: "object", additionalProperties: number },
    summaries: { type: "object", additionalProperties: summary },
    counts: object({ rows: count, trials: count, completed: count, failed: count, flaky: count }, [
      "rows",
      "trials",
      "completed",
      "failed",
    ]),
    usage: object({ inputTokens: count, outputTokens: count, cost: number }, []),
    durationMs: number,
    incompleteScorers: texts,
    problems: texts,
    notes: texts,
    adaptive: object({ judged: count, rows: count, savedCost: number }, ["judged", "rows"]),
  },
  [
    "name",
    "runId",
    "experimentId",
    "status",
    "gates",
    "metrics",
    "summaries",
    "counts",
    "usage",
    "durationMs",
  ],
);

/** The JSON Schema (draft 2020-12) of what `--json` and `-o x.json` write; unknown members may be added later. */
export function reportJsonSchema() {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Assay evaluation report",
    description: "One object per evaluation. What is not known is absent, never 0.",
    type: "array",
    items: evaluation,
  };
}
