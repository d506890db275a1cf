import { defineConfig } from "vitest/config";
import shared from "./vitest.config.ts";

/** The versions of SDKs that are said to be traced, from the registry: apart from the suite, which is offline. */
export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    include: ["test/peers/**/*.peers.ts"],
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
