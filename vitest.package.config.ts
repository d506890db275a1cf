import { defineConfig } from "vitest/config";

/** Tests of the packed tarball, installed into an empty project; they need a build. */
export default defineConfig({
  test: { include: ["test/package/**/*.package.ts"], testTimeout: 180_000, hookTimeout: 300_000 },
});
