import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests read the sources; the built package is tested by test/package, from the packed tarball.
    alias: [
      { find: /^assay$/, replacement: source("./src/index.ts") },
      { find: /^assay\/tracing$/, replacement: source("./src/entries/tracing.ts") },
      {
        find: /^assay\/tracing\/(openai|anthropic|langchain)$/,
        replacement: `${source("./src/entries")}/tracing-$1.ts`,
      },
      { find: /^assay\/(.+)$/, replacement: `${source("./src")}/$1/index.ts` },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    // By default one core is left idle, and of two that is half: most tests wait for processes and servers.
    maxWorkers: Math.max(3, availableParallelism()),
    unstubEnvs: true,
    globalSetup: ["test/support/build-once.ts", "test/support/start-postgres.ts"],
  },
});
