import { createReadStream, createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { AssayError, type JsonObject, type Span, type Trace } from "../../core/index.ts";
import {
  isMlflowTrace,
  readMlflowJson,
  readOtlpJson,
  writeMlflowJson,
  writeOtlpJson,
} from "../../otlp/index.ts";

export const TRACE_FORMATS = ["otlp", "mlflow"] as const;

export type TraceFormat = (typeof TRACE_FORMATS)[number];

/** Spans of a file: OTLP's or MLflow's JSON, whole or one document a line. */
export async function* spansOfFile(path: string): AsyncGenerator<readonly Span[]> {
  for await (const document of documentsOf(path)) {
    if (isMlflowTrace(document)) yield readMlflowJson(document);
    else yield readOtlpJson(document).spans;
  }
}

async function* documentsOf(path: string): AsyncGenerator<unknown> {
  const lines = createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() === "") continue;
    const document = parsed(line);
    if (document === undefined && number === 1) {
      lines.close();
      yield whole(path, await readFile(path, "utf8"));
      return;
    }
    if (document === undefined) {
      throw new AssayError("invalid-argument", `Expected JSON in line ${number} of ${path}`);
    }
    yield document;
  }
}

function whole(path: string, text: string): unknown {
  const document = parsed(text);
  if (document !== undefined) return document;
  throw new AssayError(
    "invalid-argument",
    `Expected ${path} to hold traces as OTLP's or MLflow's JSON, whole or one document a line`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** One document a line: one for each trace. */
export async function writeTraces(
  path: string,
  traces: AsyncIterable<Trace>,
  format: TraceFormat,
): Promise<number> {
  const file = createWriteStream(path);
  let count = 0;
  for await (const trace of traces) {
    count += 1;
    if (file.write(`${JSON.stringify(documentOf(trace, format))}\n`)) continue;
    await new Promise<void>((resolve) => file.once("drain", () => resolve()));
  }
  await new Promise<void>((resolve, reject) => {
    file.once("error", reject);
    file.end(() => resolve());
  });
  return count;
}

function documentOf({ info, spans }: Trace, format: TraceFormat): JsonObject {
  return format === "otlp" ? writeOtlpJson(spans) : writeMlflowJson(info.traceId, spans);
}
