import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { isAssayError } from "../../../src/core/index.ts";
import { artifactRootUri, openArtifactStore } from "../../../src/store/artifacts/index.ts";

function refusal(work: () => unknown): { code: string; message: string } {
  try {
    work();
  } catch (error) {
    if (isAssayError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error("Expected it to be refused");
}

describe("an artifact root", () => {
  test.each([
    ["/data/artifacts", "file:///data/artifacts"],
    ["/data/artifacts//", "file:///data/artifacts"],
    ["/data/a b#c?d", "file:///data/a%20b%23c%3Fd"],
    ["relative/../folder/", pathToFileURL(join(process.cwd(), "folder")).href],
    ["file:///data/a%20b/", "file:///data/a%20b"],
    ["FILE:///data", "file:///data"],
    ["s3://bucket", "s3://bucket"],
    ["s3://bucket/", "s3://bucket"],
    ["s3://My_bucket.x/team a/%20/", "s3://My_bucket.x/team a/%20"],
  ])("%s is %s", (root, uri) => {
    expect(artifactRootUri(root)).toBe(uri);
  });

  test.each([
    ["", "is empty"],
    [" ", "is empty"],
    ["/", "whole file system"],
    ["file:///", "whole file system"],
    ["s3://", "names no bucket"],
    ["s3:///prefix", "names no bucket"],
    ["s3://b/../other", '".." segment'],
    ["s3://bucket/a//b", "empty segment"],
    ["s3://bucket/a/%2E%2e/b", '".." segment'],
    ["file:///a/%2e%2e/b", '".." segment'],
    ["file:///a/../b", '".." segment'],
    ["s3://bucket/a#part", "fragment"],
    ["s3://bucket/a?versionId=1", "query"],
    ["file:///a?b", "query"],
    ["file://host/share", "on this machine"],
    ["nul\0byte", "NUL"],
    [`s3://bucket/${"x".repeat(2048)}`, "2048"],
    [`/${"x".repeat(2048)}`, "2048"],
  ])("%s is refused", (root, problem) => {
    const { code, message } = refusal(() => artifactRootUri(root));
    expect(code).toBe("invalid-argument");
    expect(message).toContain(problem);
  });

  test.each(["runs:/id/a", "mlflow-artifacts:/x", "gs://bucket/x", "https://host/x"])(
    "%s is of no store here",
    (root) => {
      expect(refusal(() => artifactRootUri(root)).code).toBe("configuration");
    },
  );

  test("keeps no user and password, and does not repeat them", () => {
    for (const root of ["s3://user:hunter2@bucket/x", "file://user:hunter2@host/x"]) {
      const { code, message } = refusal(() => artifactRootUri(root));
      expect(code).toBe("invalid-argument");
      expect(message).toContain("user or password");
      expect(message).not.toContain("hunter2");
    }
  });
});

test("a URI of another scheme is a configuration error that lists what is supported", async () => {
  await expect(openArtifactStore().read("gs://u:hunter2@bucket/x", "a")).rejects.toMatchObject({
    code: "configuration",
    message: expect.stringMatching(/^(?!.*hunter2).*"gs:".*file:, s3: and paths/),
  });
});
