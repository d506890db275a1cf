import { expect, test } from "vitest";
import { ownFolder } from "../../src/store/sql/maintenance/own-files.ts";

test("files that lie elsewhere are removed exactly where they lie, never with what is around", () => {
  const own = (uri: string) => ownFolder("s3://bucket/team", "run", uri);
  expect(own("s3://bucket/team/run/artifacts")).toBe("s3://bucket/team/run");
  expect(own("s3://other/run/artifacts")).toBe("s3://other/run/artifacts");
  expect(own("s3://bucket/team/special")).toBe("s3://bucket/team/special");
  for (const around of ["s3://bucket/team", "s3://bucket/team/", "s3://bucket"]) {
    expect(own(around)).toBeUndefined();
  }
});
