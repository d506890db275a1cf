// Tracks a run at the URI given and ends by itself.
import { setTrackingUri, withRun } from "../../../src/tracking/index.ts";

setTrackingUri(process.argv[2] ?? "");
await withRun({ name: "r" }, (run) => run.logParam("a", 1));
console.log("done");
