import { AssayError } from "../core/index.ts";
import type { Bound, Gate, MetricGate, Operator, Quantifier, RowsGate, Slice } from "./gate.ts";
import { GateScanner } from "./scanner.ts";

const NAME = /[^\s<>=![\],]+/;
const OPERATOR = />=|<=|==|=|>|</;
const NUMBER = /([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(%|s|ms|usd)?(?![\w.])/i;
const TRUTH = /(?:true|false|yes|no)(?![\w.])/i;
const EXAMPLES =
  'e.g. "relevance/v1/mean >= 4", "relevance >= baseline - 0.1" or "at most 2 rows: relevance < 3"';

/**
 * Parses a gate:
 *
 * - a metric: `relevance/v1/mean >= 4`, `exact_match >= 80%`, `latency/p90 <= 2s`, `cost/total <= 1.5usd`;
 * - of one part of the rows: `relevance/v1/mean[category=billing] >= 3.5`;
 * - against a baseline: `relevance >= baseline`, `>= baseline - 0.1`, `>= 1.02 * baseline`;
 * - row by row: `every row: faithfulness == true`, `no row: …`, `at most 2 rows: relevance < 3`,
 *   `at least 95% of rows: …`, `every row: at least 2 of 3 trials: …`.
 *
 * @throws {AssayError} `invalid-argument` in one line: the gate, the place, what was expected and found.
 */
export function parseGate(text: string): Gate {
  if (typeof text !== "string") {
    throw new AssayError("invalid-argument", `Expected a gate, ${EXAMPLES}, got ${String(text)}`);
  }
  const scanner = new GateScanner(text);
  if (scanner.isAtEnd) scanner.fail(`a gate, ${EXAMPLES},`);
  const gate = scanner.sees(/[^:<>=]*\b(?:rows?|trials?)\s*:/i)
    ? rowsGate(scanner)
    : metricGate(scanner);
  if (!scanner.isAtEnd) scanner.fail("the end of the gate");
  return gate;
}

function metricGate(scanner: GateScanner): MetricGate {
  const [metric] = scanner.need(NAME, `a metric, ${EXAMPLES},`);
  const slice = sliceOf(scanner);
  const operator = operatorOf(scanner);
  const bound = boundOf(scanner, metric);
  return {
    kind: "metric",
    text: scanner.text.trim(),
    metric,
    ...(slice && { slice }),
    operator,
    bound,
  };
}

function sliceOf(scanner: GateScanner): Slice | undefined {
  if (scanner.take(/\[/) === undefined) return undefined;
  const slice: { field: string; value: string }[] = [];
  do {
    const [field] = scanner.need(NAME, "a field of the rows, as in [category=billing],");
    scanner.need(/==?/, '"=" behind the field');
    const match = scanner.need(
      /"([^"]*)"|'([^']*)'|([^\s\],][^\],]*)/,
      "the value that the field has",
    );
    slice.push({ field, value: match[1] ?? match[2] ?? (match[3] as string).trim() });
  } while (scanner.take(/,/) !== undefined);
  scanner.need(/\]/, '"]"');
  return slice;
}

function operatorOf(scanner: GateScanner): Operator {
  const [operator] = scanner.need(OPERATOR, "one of >= > <= < ==");
  return operator === "=" ? "==" : (operator as Operator);
}

function boundOf(scanner: GateScanner, metric: string): Bound {
  if (scanner.take(/baseline\b/i) !== undefined) return baselineOf(scanner, metric, 1);
  const isFactor = scanner.sees(/[-+]?[\d.]+(?:e[-+]?\d+)?\s*\*/i);
  if (isFactor) {
    const [factor] = scanner.need(/[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/i, "a number");
    scanner.need(/\*/, '"*"');
    scanner.need(/baseline\b/i, '"baseline"');
    return baselineOf(scanner, metric, Number(factor));
  }
  if (scanner.sees(TRUTH)) {
    throw new AssayError(
      "invalid-argument",
      `Gate "${scanner.text.trim()}": ${metric} is a number over all rows; gate its rate (${metric} >= 90%) or single rows (every row: ${metric} == true)`,
    );
  }
  const { value, unit } = numberOf(scanner, 'a number or "baseline"');
  checkUnit(metric, unit, scanner.text);
  return { kind: "value", value, isPercent: unit === "%" };
}

function baselineOf(scanner: GateScanner, metric: string, factor: number): Bound {
  if (!(factor > 0)) {
    throw new AssayError(
      "invalid-argument",
      `Gate "${scanner.text.trim()}": expected a factor above 0 before "* baseline", got ${factor}`,
    );
  }
  const turned = scanner.take(/([*/])\s*([\d.]+)?/);
  if (turned !== undefined) {
    const given =
      turned[1] === "*" ? Number(turned[2]) : Number((1 / Number(turned[2])).toPrecision(4));
    throw new AssayError(
      "invalid-argument",
      `Gate "${scanner.text.trim()}": write the factor before the baseline: ${given > 0 && Number.isFinite(given) ? given : 1.02} * baseline`,
    );
  }
  const sign = scanner.take(/[-+]/)?.[0];
  if (sign === undefined) return { kind: "baseline", factor, offset: 0, isPercent: false };
  const { value, unit } = numberOf(scanner, "a number behind the sign");
  checkUnit(metric, unit, scanner.text);
  const offset = sign === "-" ? -value : value;
  return { kind: "baseline", factor, offset, isPercent: unit === "%" };
}

function numberOf(scanner: GateScanner, expected: string) {
  const match = scanner.need(NUMBER, expected);
  const unit = match[2]?.toLowerCase();
  // Divided, not multiplied by 0.01: 57 % has to be the number that 0.57 is.
  return { value: Number(match[1]) / (unit === "%" ? 100 : unit === "ms" ? 1000 : 1), unit };
}

function checkUnit(metric: string, unit: string | undefined, text: string): void {
  const [name] = metric.split("/");
  const units = name === "latency" ? ["s", "ms"] : name === "cost" ? ["usd"] : undefined;
  if (units === undefined ? unit === undefined || unit === "%" : units.includes(unit ?? "")) return;
  const expected = units === undefined ? "no unit or %" : `the unit ${units.join(" or ")}`;
  throw new AssayError(
    "invalid-argument",
    `Gate "${text.trim()}": expected ${expected} behind the number, found ${unit ?? "none"}`,
  );
}

function rowsGate(scanner: GateScanner): RowsGate {
  const quantifier = quantifierOf(scanner);
  const trials = trialsOf(scanner);
  const [scorer] = scanner.need(NAME, "a scorer, as in faithfulness == true,");
  const slice = sliceOf(scanner);
  const operator = operatorOf(scanner);
  const { value, isPercent, isTruth } = rowValueOf(scanner);
  if (typeof value === "string" && operator !== "==") {
    throw new AssayError(
      "invalid-argument",
      `Gate "${scanner.text.trim()}": "${value}" is a word, which rows can only be equal to (==)`,
    );
  }
  return {
    kind: "rows",
    text: scanner.text.trim(),
    quantifier,
    ...(trials && { trials }),
    scorer,
    ...(slice && { slice }),
    operator,
    value,
    isPercent,
    ...(isTruth && { isTruth }),
  };
}

/** `every row:` unless the gate begins with its trials. */
function quantifierOf(scanner: GateScanner): Quantifier {
  if (scanner.take(/(?:every|all|each)\s+rows?\s*:/i) !== undefined) return { kind: "every" };
  if (scanner.take(/no\s+rows?\s*:/i) !== undefined) return { kind: "no" };
  if (scanner.sees(/(?:at\s+least\s+)?\d+\s+of\s+\d+\s+trials?\s*:/i)) return { kind: "every" };
  const side = scanner.need(
    /at\s+(most|least)\b/i,
    '"every row:", "no row:", "at most 2 rows:" or "at least 95% of rows:"',
  );
  const kind = side[1]?.toLowerCase() === "most" ? "at most" : "at least";
  const number = scanner.need(/(\d+(?:\.\d+)?)\s*(%)?/, "a number of rows");
  const amount = Number(number[1]);
  scanner.need(/(?:of\s+)?(?:the\s+)?rows?\s*:/i, '"rows:"');
  if (number[2] === "%" && amount <= 100) return { kind, share: amount / 100 };
  if (number[2] === "%") {
    throw new AssayError(
      "invalid-argument",
      `Gate "${scanner.text.trim()}": expected a share of the rows from 0 % to 100 %, got ${amount} %`,
    );
  }
  if (Number.isInteger(amount)) return { kind, count: amount };
  throw new AssayError(
    "invalid-argument",
    `Gate "${scanner.text.trim()}": expected a whole number of rows or a percentage, got ${amount}`,
  );
}

function trialsOf(scanner: GateScanner): RowsGate["trials"] {
  const match = scanner.take(/(?:at\s+least\s+)?(\d+)\s+of\s+(\d+)\s+trials?\s*:/i);
  if (match === undefined) return undefined;
  const [atLeast, of] = [Number(match[1]), Number(match[2])];
  if (atLeast >= 1 && atLeast <= of) return { atLeast, of };
  throw new AssayError(
    "invalid-argument",
    `Gate "${scanner.text.trim()}": expected k of n trials with 1 ≤ k ≤ n, got ${atLeast} of ${of}`,
  );
}

function rowValueOf(scanner: GateScanner): Pick<RowsGate, "value" | "isPercent" | "isTruth"> {
  const number = scanner.take(/([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(%)?(?![\w.])/i);
  if (number !== undefined) {
    const isPercent = number[2] === "%";
    return { value: Number(number[1]) / (isPercent ? 100 : 1), isPercent };
  }
  const word = scanner.need(
    /"([^"]*)"|'([^']*)'|([^\s"'<>=[\],:]+)/,
    "a number, true, false or a label",
  );
  const label = word[1] ?? word[2] ?? (word[3] as string);
  const lower = label.toLowerCase();
  if (lower === "true" || lower === "yes") return { value: 1, isPercent: false, isTruth: true };
  if (lower === "false" || lower === "no") return { value: 0, isPercent: false, isTruth: true };
  return { value: label, isPercent: false };
}
