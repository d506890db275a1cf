import { RUN_TAGS as TAGS, withoutAbsent } from "../core/index.ts";
import { findCommit } from "./git.ts";

type Tags = { readonly [key: string]: string };

let found: Promise<Tags> | undefined;

/**
 * MLflow's tags that say who started a run, with which program, in which state of its repository. They
 * are looked up once per process; what cannot be found out is absent.
 */
export function systemTags(): Promise<Tags> {
  found ??= find();
  return found;
}

async function find(): Promise<Tags> {
  const [user, commit] = await Promise.all([userName(), findCommit(".")]);
  return withoutAbsent({
    [TAGS.user]: user,
    [TAGS.sourceName]: process.argv[1] ?? "node",
    [TAGS.sourceType]: "LOCAL",
    [TAGS.gitCommit]: commit?.hash,
    [TAGS.gitBranch]: commit?.branch,
    [TAGS.gitDirty]: commit?.isDirty === undefined ? undefined : String(commit.isDirty),
    [TAGS.gitRepoUrl]: commit?.repoUrl,
  });
}

async function userName(): Promise<string | undefined> {
  const { userInfo } = await import("node:os");
  try {
    return userInfo().username || undefined;
  } catch {
    // A container may run under a number that has no name.
    return undefined;
  }
}
