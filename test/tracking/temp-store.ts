import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { Run } from "../../src/core/index.ts";
import {
  activeRun,
  closeStores,
  endRun,
  getRun,
  setExperiment,
  setTrackingUri,
} from "../../src/tracking/index.ts";
import { tempFolder } from "../store/temp-folder.ts";

/** Gives every test of a file a store of its own, with the current experiment "tests". */
export function useTempStore(): void {
  beforeEach(() => {
    setTrackingUri(`sqlite:///${join(tempFolder(), "assay.db")}`);
    setExperiment("tests");
  });

  afterEach(async () => {
    while (activeRun() !== undefined) await endRun("KILLED");
    await closeStores();
  });
}

export async function stored(runId: string): Promise<Run> {
  const run = await getRun(runId);
  if (run === undefined) throw new Error(`No run ${runId}`);
  return run;
}
