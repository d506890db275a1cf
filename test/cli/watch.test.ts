import { spawn } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ProviderServer, startProviderServer } from "../support/provider-server.ts";
import { BIN, newProject, type Project } from "../support/run-cli.ts";

let project: Project;
let server: ProviderServer;

beforeEach(async () => {
  server = await startProviderServer({ reply: ({ text }) => ({ text: `re: ${text}` }) });
  project = newProject(server.env);
});
afterEach(async () => {
  project.remove();
  await server.close();
});

/** Runs `assay eval --watch`; `until` resolves when its output has so many matches. */
function startWatching(...args: string[]) {
  const child = spawn(process.execPath, [BIN, "eval", "--watch", ...args], {
    cwd: project.folder,
    env: { PATH: process.env.PATH ?? "", ...project.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let check: () => void = () => undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
      check();
    });
  }
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    child,
    closed,
    output: () => output,
    until: (pattern: RegExp, count: number) =>
      new Promise<void>((resolve, reject) => {
        check = () => {
          if ((output.match(pattern) ?? []).length >= count) resolve();
        };
        check();
        void closed.then(() => reject(new Error(`ended early: ${output}`)));
      }),
  };
}

test("a change of the data or of a module runs the evaluation again, and asks only what is new", async () => {
  project.write("rows.jsonl", '{"q":"one"}\n{"q":"two"}\n');
  project.write("length.mjs", "export const length = ({ output }) => output.length;");
  project.write(
    "watched.eval.mjs",
    `import { length } from "./length.mjs";
     export default { data: "rows.jsonl", model: "openai:/m", scorers: [length] };`,
  );
  const watching = startWatching("watched.eval.mjs", "--quiet");
  await watching.until(/watching 3 files/g, 1);
  expect(server.requests).toHaveLength(2);

  project.write("rows.jsonl", '{"q":"one"}\n{"q":"two"}\n{"q":"three"}\n');
  await watching.until(/watching 3 files/g, 2);
  expect(watching.output()).toContain("rows.jsonl changed");
  expect(watching.output()).toContain("3 of 3 rows");
  expect(server.requests).toHaveLength(3);

  project.write("length.mjs", "export const length = ({ output }) => output.length > 99;");
  await watching.until(/watching 3 files/g, 3);
  expect(watching.output()).toContain("length.mjs changed");
  expect(server.requests).toHaveLength(3);

  watching.child.kill("SIGINT");
  expect(await watching.closed).toBe(130);
});
