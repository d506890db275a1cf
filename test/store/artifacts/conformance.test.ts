import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { LocalArtifactStore, openArtifactStore } from "../../../src/store/artifacts/index.ts";
import {
  artifactStoreSuite,
  type OpenArtifactStore,
} from "../../../src/testing/conformance/artifacts.ts";
import { tempFolder } from "../temp-folder.ts";
import { s3Bucket } from "./s3-bucket.ts";

const STORES: { readonly [name: string]: OpenArtifactStore } = {
  "a local folder": async () => ({
    artifacts: new LocalArtifactStore(),
    artifactUri: join(tempFolder(), "not yet there"),
  }),
  "a file: URL": async () => ({
    artifacts: openArtifactStore(),
    artifactUri: pathToFileURL(join(tempFolder(), "a b#c")).href,
  }),
  "S3, a few keys per page": async () => {
    const { artifacts, uri } = await s3Bucket({ pageSize: 2 });
    return { artifacts, artifactUri: uri };
  },
};

describe.each(Object.entries(STORES))("%s", (_name, open) => {
  artifactStoreSuite({ describe, test, expect }, open);
});
