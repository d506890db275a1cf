import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openStore } from "../../src/store/index.ts";
import { trackingStoreSuites } from "../../src/testing/conformance/index.ts";
import { tempFolder } from "../store/temp-folder.ts";

describe("a SQLite file", () => {
  trackingStoreSuites({ describe, test, expect }, async () =>
    openStore(`sqlite:///${join(tempFolder(), "assay.db")}`),
  );
});

describe("SQLite in memory", () => {
  trackingStoreSuites({ describe, test, expect }, async () =>
    openStore("sqlite:///:memory:", { artifactRoot: join(tempFolder(), "artifacts") }),
  );
});
