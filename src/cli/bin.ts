#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { packageVersion } from "./support/version.ts";

enableCompileCache?.();

const [first] = process.argv.slice(2);
if (first === "--version" || first === "-V") {
  // Answered before anything else is loaded.
  process.stdout.write(`${packageVersion()}\n`);
} else {
  const [{ main }, { processIo }] = await Promise.all([
    import("./main.ts"),
    import("./support/io.ts"),
  ]);
  // A reader that closes early (`| head`) is no failure of ours.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
  process.exitCode = await main(process.argv.slice(2), processIo());
}
