#!/usr/bin/env node
// The default import: an older Node has no named export of this kind and would fail to load the file.
import nodeModule from "node:module";
import { packageVersion, unsupportedNode } from "./support/version.ts";

nodeModule.enableCompileCache?.();

const [first] = process.argv.slice(2);
const problem = unsupportedNode(process.versions.node);
if (first === "--version" || first === "-V") {
  // Answered before anything else is loaded.
  process.stdout.write(`${packageVersion()}\n`);
} else if (problem !== undefined) {
  process.stderr.write(`error: ${problem}\n`);
  process.exitCode = 2;
} else {
  const { runProcess } = await import("./support/run-process.ts");
  await runProcess(process.argv.slice(2));
}
