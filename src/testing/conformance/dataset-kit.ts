import { createHash } from "node:crypto";
import type { DatasetRecord, DatasetStore, NewDatasetRecord } from "../../store/index.ts";

export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

export async function allRecords(
  datasets: DatasetStore,
  datasetId: string,
  version?: number,
): Promise<DatasetRecord[]> {
  const found: DatasetRecord[] = [];
  const query = version === undefined ? {} : { version };
  for await (const record of datasets.records(datasetId, query)) found.push(record);
  return found;
}

export function numbered(count: number, from = 0): NewDatasetRecord[] {
  return Array.from({ length: count }, (_, at) => ({ inputs: { i: from + at } }));
}
