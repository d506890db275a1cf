import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { AssayError, withoutAbsent } from "../../core/index.ts";

export type S3Sdk = typeof import("@aws-sdk/client-s3");

/** The user's copy of the SDK, and a client that is set up by the environment. */
export interface S3 {
  readonly sdk: S3Sdk;
  readonly client: S3Client;
}

/** A connection that cannot be made, and a request that is not answered, fail after this long. */
const CONNECTION_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 300_000;

/**
 * Credentials, region and profile come from where the SDK looks for them; the region is us-east-1 when
 * nothing names one, as S3-compatible servers do not mind.
 *
 * @throws {AssayError} `configuration` without the SDK, or with an endpoint that is no URL.
 */
export async function connectS3(
  env: { readonly [name: string]: string | undefined },
  load: () => Promise<S3Sdk> = () => import("@aws-sdk/client-s3"),
): Promise<S3> {
  const sdk = await loaded(load);
  const endpoint = endpointOf(env);
  const config: S3ClientConfig = withoutAbsent({
    endpoint,
    // Servers other than AWS seldom have a host name per bucket.
    forcePathStyle: endpoint !== undefined,
    followRegionRedirects: true,
    // Otherwise a range is compared with the checksum of the whole, by servers that send it along.
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  });
  const client = new sdk.S3Client(config);
  const [region] = await Promise.allSettled([client.config.region()]);
  if (region.status === "fulfilled") return { sdk, client };
  return { sdk, client: new sdk.S3Client({ ...config, region: "us-east-1" }) };
}

function endpointOf(env: { readonly [name: string]: string | undefined }): string | undefined {
  for (const name of ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "MLFLOW_S3_ENDPOINT_URL"]) {
    const endpoint = env[name];
    if (!endpoint) continue;
    const url = URL.parse(endpoint);
    if (/^https?:$/.test(url?.protocol ?? "") && url?.username === "" && url.password === "") {
      return endpoint;
    }
    throw new AssayError(
      "configuration",
      `Expected ${name} to be the URL of an S3-compatible server, such as http://127.0.0.1:9000, without user and password`,
    );
  }
  return undefined;
}

async function loaded(load: () => Promise<S3Sdk>): Promise<S3Sdk> {
  try {
    return await load();
  } catch (cause) {
    throw new AssayError(
      "configuration",
      "Artifacts in S3 need the package @aws-sdk/client-s3, which is missing or cannot be loaded; run `npm install @aws-sdk/client-s3`.",
      { cause },
    );
  }
}
