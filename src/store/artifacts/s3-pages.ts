import type { ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import type { S3 } from "./s3-client.ts";
import type { ObjectName } from "./s3-upload.ts";

/** The objects below a folder, a thousand at a time; with `Delimiter`, one level and its prefixes. */
export async function* pagesBelow(
  { sdk, client }: S3,
  { Bucket, Key }: ObjectName,
  Delimiter?: string,
): AsyncGenerator<ListObjectsV2CommandOutput> {
  const Prefix = Key === "" ? "" : `${Key}/`;
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(
      new sdk.ListObjectsV2Command({ Bucket, Prefix, Delimiter, ContinuationToken }),
    );
    yield page;
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

/** Deletes the object and all below it, a thousand at a time. */
export async function deleteTree(s3: S3, name: ObjectName): Promise<void> {
  const { sdk, client } = s3;
  await client.send(new sdk.DeleteObjectCommand(name));
  for await (const { Contents = [] } of pagesBelow(s3, name)) {
    if (Contents.length === 0) continue;
    const Objects = Contents.map(({ Key }) => ({ Key }));
    const { Errors = [] } = await client.send(
      new sdk.DeleteObjectsCommand({ Bucket: name.Bucket, Delete: { Objects, Quiet: true } }),
    );
    const [first] = Errors;
    // The request succeeded; that some objects are still there is told in its answer.
    if (first) throw Object.assign(new Error(first.Message), { name: first.Code ?? "Error" });
  }
}
