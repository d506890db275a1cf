import { withoutAbsent } from "../core/index.ts";
import { compareRuns, type ScorerComparison } from "../evaluate/index.ts";
import { newCommand } from "./support/command.ts";
import { EXIT } from "./support/exit-codes.ts";
import { number } from "./support/format.ts";
import { type Io, line } from "./support/io.ts";
import { findRunId, withStore } from "./support/open-store.ts";
import { oneLine, renderTable } from "./support/table.ts";

interface Flags {
  readonly scorer?: string;
  readonly allowMismatch?: boolean;
  readonly trackingUri?: string;
  readonly json?: boolean;
}

/** `assay compare <run> <baseline>`: two runs on the rows that both have. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand("compare", "Two runs on the rows that both have", io)
    .argument("<run>", "a run id, its beginning, or latest")
    .argument("<baseline>", "a run id, branch:main, @alias, or a *.baseline.json file")
    .option("--scorer <key>", "only this scorer")
    .option("--allow-mismatch", "compare although the data or a judge is another")
    .option("--tracking-uri <uri>", "tracking store, e.g. sqlite:///assay.db")
    .option("--json", "print JSON")
    .parse(argv, { from: "user" });
  const { scorer, allowMismatch, trackingUri, json } = command.opts<Flags>();
  const [wanted = "", baseline = ""] = command.args;
  return withStore(trackingUri, io, async (store) => {
    const runId = await findRunId(store, wanted);
    const options = withoutAbsent({ scorer, allowMismatch, baseDir: io.cwd });
    const found = await compareRuns(store, runId, baseline, options);
    if (json) {
      line(io.stdout, JSON.stringify(found, null, 2));
      return EXIT.ok;
    }
    line(io.stdout, `${found.candidate} against ${oneLine(found.baseline)}`);
    print(found.scorers, io);
    return EXIT.ok;
  });
}

function print(scorers: readonly ScorerComparison[], { stdout }: Io): void {
  const columns = [
    { title: "scorer" },
    ...["before", "now", "difference", "95 % interval", "rows", "better", "worse"].map((title) => ({
      title,
      align: "right" as const,
    })),
    { title: "what they show" },
  ];
  const cells = scorers.map((one) => [
    one.scorer,
    number(one.baseline),
    number(one.candidate),
    signed(one.difference),
    one.interval === undefined
      ? ""
      : `[${signed(one.interval.lower)}, ${signed(one.interval.upper)}]`,
    String(one.pairs),
    String(one.improved),
    String(one.regressed),
    one.verdict,
  ]);
  line(stdout);
  for (const row of renderTable(columns, cells, stdout.columns)) line(stdout, row);
  line(stdout);
  for (const one of scorers) for (const text of remarks(one)) line(stdout, text);
  if (scorers.length > 1) {
    line(
      stdout,
      `a difference counts as shown at 5 % over all ${scorers.length} scorers together (Holm)`,
    );
  }
}

function remarks(one: ScorerComparison): string[] {
  const lines: string[] = [];
  if (one.verdict === "no difference shown" && one.detectable !== undefined) {
    lines.push(
      `${one.scorer}: so many rows would show a difference of ${number(one.detectable)} or more`,
    );
  }
  if (one.worst.length > 0) {
    const rows = one.worst
      .slice(0, 5)
      .map(({ rowKey, before, after }) => `${key(rowKey)} (${number(before)} → ${number(after)})`);
    lines.push(`${one.scorer}: got worse most: ${rows.join(", ")}`);
  }
  const only = [
    one.onlyCandidate.length > 0 &&
      `${one.onlyCandidate.length} only in the run (${some(one.onlyCandidate)})`,
    one.onlyBaseline.length > 0 &&
      `${one.onlyBaseline.length} only in the baseline (${some(one.onlyBaseline)})`,
  ].filter(Boolean);
  if (only.length > 0) lines.push(`${one.scorer}: rows not compared: ${only.join(", ")}`);
  return lines;
}

const some = (keys: readonly string[]) =>
  `${keys.slice(0, 5).map(key).join(", ")}${keys.length > 5 ? ", …" : ""}`;
const key = (rowKey: string) =>
  /^[0-9a-f]{64}/.test(rowKey) ? `${rowKey.slice(0, 12)}…` : oneLine(rowKey);
const signed = (value: number) => (value > 0 ? `+${number(value)}` : number(value));
