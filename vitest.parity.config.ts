import { defineConfig } from "vitest/config";
import shared from "./vitest.config.ts";

/** Against programs of others, which are started where they are there: apart from the suite. */
export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    include: ["test/parity/**/*.parity.ts"],
    testTimeout: 180_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});
