import { afterEach, vi } from "vitest";
import { openArtifactStore } from "../../../src/store/artifacts/index.ts";
import type { ArtifactStore } from "../../../src/store/index.ts";
import { type S3Server, type S3ServerOptions, startS3Server } from "../../support/s3-server.ts";

const servers: S3Server[] = [];

/** An S3 server of its own for one test, and a store that uses it by the environment. */
export async function s3Bucket(
  options: S3ServerOptions = {},
): Promise<{ server: S3Server; artifacts: ArtifactStore; uri: string }> {
  const server = await startS3Server(options);
  servers.push(server);
  for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value);
  return { server, artifacts: openArtifactStore(), uri: "s3://bucket/prefix/run" };
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
