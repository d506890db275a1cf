import { defineConfig } from "vitest/config";
import shared from "./vitest.config.ts";

/** Crowds, crashes and long locks: minutes, so apart from the suite. */
export default defineConfig({
  ...shared,
  test: { ...shared.test, include: ["test/faults/**/*.faults.ts"], testTimeout: 1_200_000 },
});
