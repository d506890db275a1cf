import { AssayError, redactText } from "../core/index.ts";

/** Where a tracking store lives, parsed. */
export type StoreLocation =
  | { readonly engine: "sqlite"; readonly path: string }
  | { readonly engine: "postgresql"; readonly uri: string };

export const DEFAULT_TRACKING_URI = "sqlite:///assay.db";

const FORMS =
  "sqlite:///relative.db, sqlite:////absolute.db, postgresql://user:password@host:port/database";

/**
 * Parses a tracking URI: `sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://…`.
 *
 * @throws {AssayError} `configuration` for any other form, with passwords masked.
 */
export function parseTrackingUri(uri: string): StoreLocation {
  // SQLite has no options in a URI here; a "?" is more likely one of SQLAlchemy's than a file's name.
  const sqlite = /^sqlite:\/\/\/([^?#]*[^?#/])$/.exec(uri);
  if (sqlite) return { engine: "sqlite", path: sqlite[1] as string };
  // SQLAlchemy's URIs, which MLflow takes, may name a driver of Python's.
  const postgres = uri.replace(/^(postgres(?:ql)?)\+\w+:/, "$1:");
  if (/^postgres(ql)?:\/\/[^/]*\/./.test(postgres) && URL.canParse(postgres)) {
    return { engine: "postgresql", uri: postgres };
  }
  if (/^https?:\/\//.test(uri)) {
    throw new AssayError(
      "configuration",
      `This version does not speak to tracking servers; cannot use ${storeName(uri)}. Expected one of: ${FORMS}`,
    );
  }
  throw new AssayError(
    "configuration",
    `Expected a tracking URI of the form ${FORMS}, got "${storeName(uri)}"`,
  );
}

/** What messages call the store at a URI: the URI with its password, and what else may be secret, masked. */
export function storeName(uri: string): string {
  // Up to the last @, whatever the password is made of; also where the URI is mistyped.
  const hidden = uri.replace(/^([a-z][a-z0-9+.-]*:?\/{0,2}[^:/@]*):.*@/is, "$1:[redacted]@");
  return redactText(
    hidden.replace(/([?&][^=&]*(?:pass|secret|token|key)[^=&]*=)[^&]*/gi, "$1[redacted]"),
  );
}

/**
 * The tracking URI in force: the one given, else ASSAY_TRACKING_URI, else MLFLOW_TRACKING_URI, else the
 * first of `lower` that there is, else the default.
 */
export function resolveTrackingUri(
  given: string | undefined,
  env: { readonly [name: string]: string | undefined },
  ...lower: readonly (string | undefined)[]
): string {
  // Every trace asks, and to read a variable takes as long as all the rest here.
  if (given !== undefined) return given;
  const fromEnvironment = env.ASSAY_TRACKING_URI || env.MLFLOW_TRACKING_URI || undefined;
  const chosen = [fromEnvironment, ...lower].find((uri) => uri !== undefined);
  return chosen ?? DEFAULT_TRACKING_URI;
}
