import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openStore } from "../../src/store/index.ts";
import {
  artifactStoreSuite,
  experimentStoreSuite,
  type OpenStore,
  resultStoreSuite,
  runStoreSuite,
  traceStoreSuite,
} from "../../src/testing/conformance/index.ts";
import { tempFolder } from "../store/temp-folder.ts";

const STORES: { readonly [name: string]: OpenStore } = {
  "a SQLite file": async () => {
    const folder = tempFolder();
    return openStore(`sqlite:///${join(folder, "assay.db")}`);
  },
  "SQLite in memory": async () =>
    openStore("sqlite:///:memory:", { artifactRoot: join(tempFolder(), "artifacts") }),
};

describe.each(Object.entries(STORES))("%s", (_name, open) => {
  const runner = { describe, test, expect };
  experimentStoreSuite(runner, open);
  runStoreSuite(runner, open);
  resultStoreSuite(runner, open);
  traceStoreSuite(runner, open);
  artifactStoreSuite(runner, open);
});
