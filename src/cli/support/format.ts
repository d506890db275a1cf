import {
  dollarsText,
  type JsonValue,
  type Score,
  type Summary,
  type Usage,
} from "../../core/index.ts";

/** A number for people: at most four significant digits behind a small integer part. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 1000 ? value.toFixed(0) : value.toFixed(3);
}

/** The value of a metric of a run; costs are money, of which a small sum is not 0. */
export function metricText(key: string, value: number): string {
  return key.startsWith("cost/") ? dollarsText(value) : number(value);
}

export function milliseconds(value: number): string {
  if (value < 1) return `${value.toFixed(2)} ms`;
  if (value < 1000) return `${value.toFixed(0)} ms`;
  if (value < 60_000) return `${(value / 1000).toFixed(1)} s`;
  return `${Math.floor(value / 60_000)} min ${Math.round((value % 60_000) / 1000)} s`;
}

export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace("T", " ");
}

export function text(value: JsonValue | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A score in a cell: its value, or why there is none. */
export function scoreText(score: Score | undefined): string {
  if (score === undefined) return "missing";
  if (score.kind === "unscored") return score.reason;
  return typeof score.value === "number" ? number(score.value) : String(score.value);
}

export function intervalText({ interval }: Pick<Summary, "interval">): string {
  return interval === undefined ? "" : `[${number(interval.lower)}, ${number(interval.upper)}]`;
}

export function usageText(usage: Usage): string {
  const parts = [
    usage.inputTokens !== undefined && `${usage.inputTokens} tokens in`,
    usage.outputTokens !== undefined && `${usage.outputTokens} out`,
    usage.cost !== undefined && dollarsText(usage.cost),
  ];
  return parts.filter(Boolean).join(", ");
}
