import { S3ArtifactStore } from "./s3.ts";
import { artifactRootUri, artifactScheme } from "./uri.ts";

/**
 * Whether files can be kept below an artifact root: a bucket is asked for one object at most, a folder on
 * this machine is not looked at.
 *
 * @returns The root as a URI, and whether a server has answered for it.
 * @throws {AssayError} For a root that cannot be used, with what is to be done; never with a secret.
 */
export async function probeArtifactRoot(
  root: string,
  env: { readonly [name: string]: string | undefined },
): Promise<{ readonly uri: string; readonly isRemote: boolean }> {
  const uri = artifactRootUri(root);
  const isRemote = artifactScheme(uri) === "s3";
  if (isRemote) await new S3ArtifactStore(env).probe(uri);
  return { uri, isRemote };
}
