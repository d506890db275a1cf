import type { Updateable } from "kysely";
import { checkTime } from "../../limits.ts";
import type { RunChange } from "../../ports/index.ts";
import type { Schema } from "../schema.ts";
import { checkRunName, checkStatus } from "./new-run.ts";

/** @throws {AssayError} `invalid-argument` for a status, time or name that no run can have. */
export function checkChange({ status, endTime, name }: RunChange): void {
  if (status !== undefined) checkStatus(status);
  if (endTime !== undefined) checkTime(endTime, "end_time");
  if (name !== undefined) checkRunName(name);
}

export function changedColumns({ status, endTime, name }: RunChange): Updateable<Schema["runs"]> {
  const isGoingOn = status === "RUNNING" || status === "SCHEDULED";
  return {
    ...(status !== undefined && { status }),
    // A run that goes on again has not ended.
    ...(isGoingOn && { end_time: null }),
    ...(endTime !== undefined && { end_time: endTime }),
    ...(name !== undefined && { name }),
  };
}
