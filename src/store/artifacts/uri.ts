import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { AssayError, quotable } from "../../core/index.ts";

const FORMS = "a path, file:///folder or s3://bucket/prefix";
/** As MLflow's `MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH`. */
const MAX_LENGTH = 2048;

/** A place in an S3 bucket; `prefix` has no slash at either end and may be empty. */
export interface S3Place {
  readonly bucket: string;
  readonly prefix: string;
}

/**
 * The artifact root that a setting names, as a URI without a trailing slash. A path is taken from the
 * working directory.
 *
 * @throws {AssayError} `configuration` for a scheme that no store serves; `invalid-argument` for a
 * root with a user, password, query, fragment or `..`, or of more than 2048 characters.
 */
export function artifactRootUri(root: string): string {
  if (root.trim() === "") throw invalid(root, "is empty");
  const scheme = artifactScheme(root);
  const uri = scheme === "s3" ? s3Uri(s3Place(root)) : pathToFileURL(localFolder(root)).href;
  if (uri.length > MAX_LENGTH) throw invalid(root, `has more than ${MAX_LENGTH} characters`);
  if (uri === pathToFileURL(resolve("/")).href) throw invalid(root, "is the whole file system");
  return uri.replace(/\/+$/, "");
}

/** The scheme that decides which store serves a URI; `file` for a path. */
export function artifactScheme(uri: string): string {
  // One letter is a Windows drive.
  return /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1]?.toLowerCase() ?? "file";
}

/** @throws {AssayError} `configuration`, with what is supported. */
export function unsupportedScheme(uri: string, schemes: readonly string[]): AssayError {
  const known = schemes.map((scheme) => `${scheme}:`).join(", ");
  return new AssayError(
    "configuration",
    `No artifact store for "${artifactScheme(uri)}:" in "${shown(uri)}". Supported: ${known} and paths.`,
  );
}

/** The absolute path of a `file:` URL or a path. */
export function localFolder(uri: string): string {
  if (!/^file:/i.test(uri)) {
    if (artifactScheme(uri) !== "file") throw unsupportedScheme(uri, ["file"]);
    if (uri.includes("\0")) throw invalid(uri, "has a NUL character");
    return resolve(uri);
  }
  refuseExtras(uri);
  try {
    return resolve(fileURLToPath(uri));
  } catch {
    throw invalid(uri, "is no URL of a folder on this machine (file:///folder)");
  }
}

/** The bucket and prefix of `s3://bucket/prefix`, in which nothing is percent-decoded. */
export function s3Place(uri: string): S3Place {
  if (artifactScheme(uri) !== "s3") throw unsupportedScheme(uri, ["s3"]);
  refuseExtras(uri);
  const parsed = /^s3:\/\/([a-z0-9][a-z0-9._-]{1,62})(?:\/(.*))?$/i.exec(uri);
  if (parsed === null) throw invalid(uri, "names no bucket (s3://bucket/prefix)");
  const prefix = (parsed[2] ?? "").replace(/\/+$/, "");
  if (prefix !== "" && prefix.split("/").includes("")) throw invalid(uri, "has an empty segment");
  return { bucket: parsed[1] as string, prefix };
}

export function s3Uri({ bucket, prefix }: S3Place): string {
  return prefix === "" ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
}

function refuseExtras(uri: string): void {
  const [, authority = ""] = /^[^:]+:\/\/([^/]*)/.exec(uri) ?? [];
  if (authority.includes("@")) {
    throw invalid(uri, "has a user or password; give credentials by the environment");
  }
  if (uri.includes("#")) throw invalid(uri, "has a fragment (#)");
  if (uri.includes("?")) throw invalid(uri, "has a query (?)");
  if (/\p{Cc}|\\/u.test(uri)) throw invalid(uri, "has a control character or a backslash");
  const segments = uri.replace(/%2e/gi, ".").split(/\/|%2f|%5c/i);
  if (segments.includes("..")) throw invalid(uri, 'has a ".." segment');
}

function invalid(uri: string, problem: string): AssayError {
  return new AssayError(
    "invalid-argument",
    `Expected an artifact location: ${FORMS}; "${shown(uri)}" ${problem}`,
  );
}

/** Short, and without the user and password that a URI may carry. */
function shown(uri: string): string {
  return quotable(uri.replace(/\/\/[^/]*@/, "//…@"));
}
