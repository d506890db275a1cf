import { AssayError, describeError, type ErrorCode } from "../../core/index.ts";

/** What a caller gets for S3's error codes, and what is to be done. */
const KNOWN: { readonly [name: string]: readonly [ErrorCode, string] } = {
  NoSuchKey: ["not-found", "it does not exist"],
  NotFound: ["not-found", "it does not exist"],
  NoSuchBucket: ["not-found", "the bucket does not exist; create it or correct the URI"],
  InvalidBucketName: ["invalid-argument", "the bucket's name is not valid"],
  KeyTooLongError: [
    "invalid-argument",
    "the path is too long; S3 takes 1024 bytes with the prefix",
  ],
  InvalidRange: ["invalid-argument", "the range begins behind the end of the file"],
  AccessDenied: ["configuration", "access is denied; check the rights of the credentials"],
  Forbidden: ["configuration", "access is denied; check the rights of the credentials"],
  InvalidAccessKeyId: ["configuration", "the access key is not known; check AWS_ACCESS_KEY_ID"],
  SignatureDoesNotMatch: ["configuration", "the key is rejected; check AWS_SECRET_ACCESS_KEY"],
  InvalidToken: ["configuration", "the session token is not valid; renew it"],
  ExpiredToken: ["configuration", "the session token has expired; renew it"],
  RequestTimeTooSkewed: ["configuration", "this machine's clock is wrong; set it"],
  PermanentRedirect: ["configuration", "the bucket is in another region; set AWS_REGION"],
  AuthorizationHeaderMalformed: ["configuration", "the region is not the bucket's; set AWS_REGION"],
  CredentialsProviderError: [
    "configuration",
    "no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
  ],
};

/**
 * An error of the SDK as one of ours.
 *
 * @param doing - What failed, with the URI: `Cannot read s3://bucket/prefix/file`.
 */
export function toS3Error(doing: string, error: unknown): AssayError {
  if (error instanceof AssayError) return error;
  const name = error instanceof Error ? error.name : "";
  const [code, remedy] = KNOWN[name] ?? byStatus(error);
  // The SDK's error can hold the access key and what was signed: only its name and message go along.
  return new AssayError(code, `${doing}: ${remedy}`, { cause: new Error(describeError(error)) });
}

function byStatus(error: unknown): readonly [ErrorCode, string] {
  const status = statusOf(error);
  if (status === undefined || status < 400) return ["unavailable", "the server cannot be reached"];
  if (status === 404) return ["not-found", "it does not exist"];
  if (status === 403) return ["configuration", "access is denied; check the credentials"];
  const answer = `the server answered with status ${status}`;
  return status === 429 || status >= 500 ? ["unavailable", answer] : ["provider", answer];
}

/** Absent for an error that is not an answer of the server. */
function statusOf(error: unknown): number | undefined {
  const { $metadata } = (error ?? {}) as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}
