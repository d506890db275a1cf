import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { closeStores, storeAt } from "../../src/tracking/index.ts";
import { newProject, type Project } from "../support/run-cli.ts";

let project: Project;
beforeEach(() => {
  project = newProject();
});
afterEach(() => project.remove());
afterAll(closeStores);

const CALL = "RunnableLambda.from(async (text) => text.toUpperCase()).invoke(question)";

test.each([
  [
    "before the evaluation, as an ES module",
    `import { RunnableLambda } from "@langchain/core/runnables";`,
    "",
  ],
  [
    "before the evaluation, as CommonJS",
    `import { createRequire } from "node:module";
const { RunnableLambda } = createRequire(import.meta.url)("@langchain/core/runnables");`,
    "",
  ],
  [
    "by the model, as an ES module",
    "",
    `const { RunnableLambda } = await import("@langchain/core/runnables");`,
  ],
  [
    "by the model, as CommonJS",
    `import { createRequire } from "node:module";`,
    `const { RunnableLambda } = createRequire(import.meta.url)("@langchain/core/runnables");`,
  ],
])(
  "a chain is part of its row's trace when LangChain is loaded %s",
  async (_when, before, within) => {
    const file = project.write(
      "evaluation.mjs",
      `${before}
import { evaluate } from "assay";
import { latencySeconds } from "assay/metrics";
const model = async ({ question }) => { ${within} return ${CALL}; };
const { metrics } = await evaluate({ data: [{ question: "a" }, { question: "b" }], model, scorers: [latencySeconds()] });
console.log(Object.keys(metrics).length > 0);`,
    );
    const { code, stderr } = await project.run(file, []);
    expect([code, stderr]).toEqual([0, ""]);
    const store = await storeAt(`sqlite:///${join(project.folder, "assay.db")}`);
    const { items } = await store.traces.searchTraces({});
    expect(items.map(({ spanCount }) => spanCount)).toEqual([2, 2]);
  },
);

test("a model that is no chain does not have LangChain loaded", async () => {
  const file = project.write(
    "evaluation.mjs",
    `import { evaluate } from "assay";
import { latencySeconds } from "assay/metrics";
await evaluate({ data: [{ question: "a" }], model: ({ question }) => question, scorers: [latencySeconds()] });
console.log("lc_block_translators_registry" in globalThis);`,
  );
  expect(await project.run(file, [])).toMatchObject({ code: 0, stdout: "false\n" });
});
