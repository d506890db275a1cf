export { LocalArtifactStore } from "./local.ts";
export { checkedPath, isStoresOwn } from "./paths.ts";
export { probeArtifactRoot } from "./probe.ts";
export { replaceFile } from "./replace-file.ts";
export { openArtifactStore, RoutedArtifactStore } from "./routed.ts";
export { S3ArtifactStore } from "./s3.ts";
export { artifactRootUri } from "./uri.ts";
