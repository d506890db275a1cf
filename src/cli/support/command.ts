import { Command, InvalidArgumentError } from "commander";
import type { Io } from "./io.ts";

/** A commander command that writes to `io` and throws instead of ending the process. */
export function newCommand(name: string, description: string, io: Io): Command {
  return new Command(`assay ${name}`)
    .description(description)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    });
}

/** A subcommand that reads a tracking store. */
export function storeCommand(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option("--tracking-uri <uri>", "tracking store, e.g. sqlite:///assay.db")
    .option("--json", "print JSON");
}

/** Collects a repeatable option. */
export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError("Expected an integer of at least 1.");
  }
  return value;
}

/** `2%` or `0.02`. */
export function share(text: string): number {
  const value = text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError("Expected a share such as 2% or 0.02.");
  }
  return value;
}

/** `1.5`, `1.5usd` or `$1.5`. */
export function dollars(text: string): number {
  const value = Number(text.trim().replace(/^\$|\s*usd$/i, ""));
  if (text.trim() === "" || !(value > 0)) {
    throw new InvalidArgumentError("Expected an amount in US dollars above 0, such as 1.5.");
  }
  return value;
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgumentError("Expected a number above 0.");
  }
  return value;
}

export function integer(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("Expected an integer.");
  }
  return value;
}

/** A share of rows, `10%` or `0.1`, or a number of them from 2 on. */
export function sampleSize(text: string): number {
  const value = text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text);
  const isShare = value > 0 && value <= 1;
  if (isShare || (Number.isInteger(value) && value > 1 && !text.endsWith("%"))) return value;
  throw new InvalidArgumentError(
    "Expected a share such as 10% or 0.1, or an integer of at least 2.",
  );
}

/** `500ms`, `30s`, `2m`, `1h`, or a number of seconds; in milliseconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  const factor = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? "s"] as number;
  const value = Number(match?.[1]) * factor;
  if (!(value > 0)) throw new InvalidArgumentError("Expected a duration such as 30s or 500ms.");
  return value;
}

/** `30d`, `12h` or `15m`; in milliseconds. */
export function age(text: string): number {
  const match = /^(\d+)([dhms])$/.exec(text.trim());
  if (match === null)
    throw new InvalidArgumentError("Expected an age such as 30d, 12h, 15m or 30s.");
  const factor = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 }[
    match[2] as "d" | "h" | "m" | "s"
  ];
  return Number(match[1]) * factor;
}

/** Collects `key=value`. */
export function keyValue(
  text: string,
  previous: { readonly [key: string]: string } = {},
): { readonly [key: string]: string } {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Expected key=value.");
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) };
}
