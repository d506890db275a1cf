import {
  counted,
  type Decision,
  dollarsText,
  type GateResult,
  type Summary,
  type Usage,
  type Verdict,
} from "../../core/index.ts";

/** What reports tell of one evaluation: what `assay eval --json` prints. */
export interface EvaluationReport {
  readonly name: string;
  readonly runId: string;
  readonly status: string;
  readonly verdict?: Verdict;
  readonly decision?: Decision;
  readonly gates: readonly GateResult[];
  readonly summaries: { readonly [scorer: string]: Summary };
  readonly counts: {
    readonly rows: number;
    readonly trials: number;
    readonly completed: number;
    readonly failed: number;
  };
  readonly usage: Usage;
  readonly durationMs: number;
  /** Scorers that lack so many scores that their mean tells nothing. */
  readonly incompleteScorers?: readonly string[];
  readonly problems?: readonly string[];
  readonly notes?: readonly string[];
}

/** A report as blocks, which each format writes its own way. */
export interface ReportDocument {
  readonly title: string;
  /** `pass`, `fail`, `undecided` or `incomplete`: what a colour says. */
  readonly outcome: Outcome;
  readonly blocks: readonly Block[];
  /** Names the report in a comment that later runs replace. */
  readonly marker: string;
}

export type Outcome = "pass" | "fail" | "undecided" | "incomplete" | "none";

export type Block =
  | { readonly kind: "heading"; readonly text: string }
  | { readonly kind: "lines"; readonly lines: readonly string[] }
  | {
      readonly kind: "table";
      readonly columns: readonly { readonly title: string; readonly isNumber?: boolean }[];
      readonly rows: readonly (readonly string[])[];
    };

/** The outcome of an evaluation in one word. */
export function outcomeOf({ status, verdict, decision }: EvaluationReport): Outcome {
  if (status !== "finished") return "incomplete";
  if (decision === undefined) return "none";
  return decision === "pass" && verdict === "undecided" ? "undecided" : decision;
}

const OUTCOMES: { readonly [outcome in Outcome]: string } = {
  pass: "pass",
  fail: "fail",
  undecided: "pass, too close to call",
  incomplete: "incomplete",
  none: "no gate",
};

/** A report of one evaluation; all formats are made of it. */
export function reportDocument(report: EvaluationReport): ReportDocument {
  const outcome = outcomeOf(report);
  const [first, ...more] = report.gates;
  const title =
    first !== undefined && more.length === 0 && outcome !== "incomplete"
      ? `${report.name}: ${first.title}`
      : `${report.name}: ${OUTCOMES[outcome]}${gatesWords(report)}`;
  return {
    title,
    outcome,
    marker: `assay-report:${report.name}`,
    blocks: [
      ...problemBlocks(report),
      ...gateBlocks(report),
      ...baselineBlocks(report),
      ...summaryBlocks(report),
      { kind: "lines", lines: closing(report) },
    ],
  };
}

function gatesWords({ gates }: EvaluationReport): string {
  if (gates.length === 0) return "";
  const failed = gates.filter(({ decision }) => decision === "fail").length;
  return failed === 0 ? ` (${gates.length} gates)` : ` (${failed} of ${gates.length} gates failed)`;
}

function problemBlocks({ problems = [] }: EvaluationReport): Block[] {
  if (problems.length === 0) return [];
  return [
    { kind: "heading", text: "Incomplete" },
    { kind: "lines", lines: problems },
  ];
}

function gateBlocks({ gates }: EvaluationReport): Block[] {
  if (gates.length === 0) return [];
  return [
    { kind: "heading", text: "Gates" },
    {
      kind: "table",
      columns: [{ title: "" }, { title: "gate" }, { title: "what was found" }],
      rows: gates.map((gate) => [labelOf(gate), gate.gate, gate.message]),
    },
  ];
}

/** `PASS`, `FAIL`, with `(undecided)` behind it where the evidence is. */
export function labelOf({ decision, verdict }: Pick<GateResult, "decision" | "verdict">): string {
  const label = decision === "pass" ? "PASS" : "FAIL";
  return verdict === "undecided" ? `${label} (undecided)` : label;
}

function baselineBlocks({ gates }: EvaluationReport): Block[] {
  const compared = gates.filter(({ baseline }) => baseline?.worst !== undefined);
  return compared.flatMap(({ gate, baseline }): Block[] => {
    const { worst = [], worse = 0, onlyHere, onlyInBaseline } = baseline ?? {};
    const lists = [
      ["only here", onlyHere] as const,
      ["only in the baseline", onlyInBaseline] as const,
    ].flatMap(([where, rows]) =>
      rows === undefined || rows.count === 0
        ? []
        : [
            `${counted(rows.count, "row")} ${where}: ${rows.rows.join(", ")}${rows.count > rows.rows.length ? ", …" : ""}`,
          ],
    );
    const table: Block = {
      kind: "table",
      columns: [
        { title: "row" },
        { title: "before", isNumber: true },
        { title: "now", isNumber: true },
      ],
      rows: worst.map(({ rowKey, before, after }) => [
        shortKey(rowKey),
        number(before),
        number(after),
      ]),
    };
    if (worst.length === 0 && lists.length === 0) return [];
    return [
      { kind: "heading", text: `Rows that got worse (${gate}): ${worse}` },
      ...(worst.length > 0 ? [table] : []),
      ...(lists.length > 0 ? [{ kind: "lines" as const, lines: lists }] : []),
    ];
  });
}

function summaryBlocks({ summaries, incompleteScorers = [] }: EvaluationReport): Block[] {
  const rows = Object.entries(summaries).map(([key, summary]) => {
    const { scored, failed, notApplicable, missing } = summary;
    // A mean over the rows that happened to work would flatter a model that fails on the hard ones.
    const mean = incompleteScorers.includes(key) ? ["incomplete", ""] : meanCells(summary);
    return [key, ...mean, ...[scored, failed, notApplicable, missing].map(String)];
  });
  if (rows.length === 0) return [];
  const numeric = ["mean", "95 % interval", "scored", "failed", "n/a", "missing"];
  return [
    { kind: "heading", text: "Scores" },
    {
      kind: "table",
      columns: [{ title: "scorer" }, ...numeric.map((title) => ({ title, isNumber: true }))],
      rows,
    },
  ];
}

function meanCells({ mean, interval }: Summary): string[] {
  return [
    mean === undefined ? "–" : number(mean),
    interval === undefined ? "" : `${number(interval.lower)} to ${number(interval.upper)}`,
  ];
}

function closing({ counts, usage, durationMs, runId, notes = [] }: EvaluationReport): string[] {
  const facts = [
    `${counts.completed} of ${counts.trials} results`,
    counts.failed > 0 && `${counts.failed} failed`,
    usage.cost !== undefined && dollarsText(usage.cost),
    `${(durationMs / 1000).toFixed(1)} s`,
    `run ${runId}`,
  ];
  return [...notes.map((note) => `note: ${note}`), facts.filter(Boolean).join(" · ")];
}

function shortKey(key: string): string {
  return /^[0-9a-f]{64}/.test(key) ? `${key.slice(0, 12)}…` : key;
}

function number(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(3);
}
