import { dollarsText, withoutAbsent } from "../core/index.ts";
import { planSizes, type Size, type SizeOptions, type SizePlan } from "../evaluate/index.ts";
import { newCommand, positiveNumber } from "./support/command.ts";
import { EXIT } from "./support/exit-codes.ts";
import { number } from "./support/format.ts";
import { type Io, line } from "./support/io.ts";
import { findRunId, withStore } from "./support/open-store.ts";

interface Flags extends SizeOptions {
  readonly trackingUri?: string;
  readonly json?: boolean;
}

/** `assay plan <run>`: how many rows and trials a wanted precision or difference needs. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand("plan", "How many rows and trials an evaluation needs", io)
    .argument("<run>", "the pilot: a run id, its beginning, or latest")
    .option("--scorer <key>", "by which scorer; the last one by default")
    .option(
      "--half-width <x>",
      "know the mean to ± this; a twentieth of the scale by default",
      positiveNumber,
    )
    .option("--difference <x>", "see a difference to a baseline of this size", positiveNumber)
    .option("--baseline <baseline>", "another run of these rows, to know how differences vary")
    .option("--power <x>", "the chance of seeing it, 0.8 by default", positiveNumber)
    .option("--tracking-uri <uri>", "tracking store, e.g. sqlite:///assay.db")
    .option("--json", "print JSON")
    .parse(argv, { from: "user" });
  const { trackingUri, json, ...options } = command.opts<Flags>();
  const [wanted = ""] = command.args;
  return withStore(trackingUri, io, async (store) => {
    const plan = await planSizes(store, await findRunId(store, wanted), withoutAbsent(options));
    if (json) line(io.stdout, JSON.stringify(plan, null, 2));
    else print(plan, io);
    return EXIT.ok;
  });
}

function print(
  { scorer, pilot, precision, detection, optimalTrials, notes }: SizePlan,
  { stdout }: Io,
): void {
  line(
    stdout,
    `${scorer}: the pilot's ${pilot.rows} rows vary by ${number(pilot.standardDeviation)} (standard deviation)`,
  );
  if (pilot.groups !== undefined && pilot.designEffect !== undefined) {
    line(
      stdout,
      `they belong to ${pilot.groups} groups: ${number(pilot.designEffect)} of them tell as much as one that stands alone`,
    );
  }
  for (const note of notes) line(stdout, `note: ${note}`);
  if (precision !== undefined) {
    line(stdout, `to know the mean to ±${number(precision.halfWidth)} (95 %):`);
    for (const size of precision.sizes) line(stdout, `  ${sizeText(size)}`);
  }
  if (detection !== undefined) {
    const how = detection.isPaired
      ? "on the same rows, as they differed from the baseline"
      : "if two runs had nothing in common; give --baseline, and it will be fewer";
    const chance = `${Number((100 * detection.power).toFixed(1))} %`;
    line(
      stdout,
      `to see a difference of ${number(detection.difference)} with a chance of ${chance} (${how}):`,
    );
    for (const size of detection.sizes) line(stdout, `  ${sizeText(size)}`);
  }
  if (optimalTrials !== undefined) {
    const best = Math.max(1, Math.round(optimalTrials));
    line(stdout, `for the same number of calls ${best} trials a row give the smallest error`);
  }
}

function sizeText({ rows, trials, cost }: Size): string {
  const money = cost === undefined ? "" : `, about ${dollarsText(cost)}`;
  return `${rows} rows with ${trials} ${trials === 1 ? "trial" : "trials"} each${money}`;
}
