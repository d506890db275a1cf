import type { OwnFiles } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";

/**
 * The folder of a run or model alone: all of `<location>/<folder>` where its files are in its `artifacts`,
 * else exactly where they are; none when others' files are below that.
 */
export function ownFolder(location: string, folder: string, uri: string): string | undefined {
  const generated = `${location}/${folder}`;
  if (uri === `${generated}/artifacts`) return generated;
  return isAround(uri, location) ? undefined : uri;
}

/** The folders of the runs and models of an experiment; its location may be shared with others. */
export async function experimentFiles(
  { engine, artifactRoot }: SqlContext,
  experimentId: number,
  location: string,
): Promise<OwnFiles> {
  const runs = await engine.reads
    .selectFrom("runs")
    .select(["run_id", "artifact_uri"])
    .where("experiment_id", "=", experimentId)
    .execute();
  const models = await engine.reads
    .selectFrom("logged_models")
    .select(["model_id", "artifact_uri"])
    .where("experiment_id", "=", experimentId)
    .execute();
  const folders = [
    ...runs.map((row) => ownFolder(location, row.run_id, row.artifact_uri)),
    ...models.map((row) => ownFolder(location, `models/${row.model_id}`, row.artifact_uri)),
  ].filter((folder) => folder !== undefined);
  const isGenerated = location.startsWith(`${artifactRoot}/${experimentId}`);
  return { folders, ...(isGenerated && { around: location }) };
}

function isAround(uri: string, location: string): boolean {
  return `${location}/`.startsWith(`${uri.replace(/\/+$/, "")}/`);
}
