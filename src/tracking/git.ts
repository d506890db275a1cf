import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { withoutAbsent } from "../core/index.ts";

/** After this long, in milliseconds, git is given up: a run does not wait for it. */
const PATIENCE_MS = 1000;

export interface Commit {
  /** 40 or 64 hex digits. */
  readonly hash: string;
  /** Absent when no branch is checked out. */
  readonly branch?: string;
  /** Whether files that git knows differ from the commit; absent when git took too long to say. */
  readonly isDirty?: boolean;
  /** Of the remote "origin", without user and password. */
  readonly repoUrl?: string;
}

/** Where CI checks out a commit without its branch, it tells the branch: GitHub's, GitLab's, then others'. */
const BRANCH_VARIABLES = [
  "GITHUB_HEAD_REF",
  "GITHUB_REF_NAME",
  "CI_COMMIT_BRANCH",
  "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
  "BITBUCKET_BRANCH",
  "CIRCLE_BRANCH",
  "BUILDKITE_BRANCH",
  "BUILD_SOURCEBRANCHNAME",
];

/** The branch that CI names in the environment, if it does. */
function branchOfCi(env: NodeJS.ProcessEnv): string | undefined {
  return BRANCH_VARIABLES.map((name) => env[name]).find((branch) => branch);
}

/** The commit that is checked out in the repository around a folder; `undefined` without one, or without git. */
export async function findCommit(folder: string, env = process.env): Promise<Commit | undefined> {
  const [head, status] = await Promise.all([
    git(folder, ["rev-parse", "HEAD", "--git-common-dir", "--abbrev-ref", "HEAD"]),
    git(folder, ["status", "--porcelain", "--untracked-files=no"]),
  ]);
  const [hash, common, branch] = head?.split("\n") ?? [];
  if (hash === undefined || common === undefined) return undefined;
  return withoutAbsent<Commit>({
    hash,
    branch: branch === "HEAD" ? branchOfCi(env) : branch,
    isDirty: status === undefined ? undefined : status !== "",
    repoUrl: await originOf(resolve(folder, common)),
  });
}

/** What git prints, `undefined` when it fails, is missing or takes too long. */
async function git(folder: string, args: readonly string[]): Promise<string | undefined> {
  const { execFile } = await import("node:child_process");
  // Neither locks nor programs that the repository's settings name: this is somebody else's work.
  const options = ["--no-optional-locks", "-c", "core.fsmonitor=false"];
  return new Promise((done) => {
    execFile(
      "git",
      [...options, ...args],
      { cwd: folder, timeout: PATIENCE_MS, maxBuffer: 1 << 24, windowsHide: true },
      (error, output) => done(error === null ? output.trim() : undefined),
    );
  });
}

async function originOf(gitFolder: string): Promise<string | undefined> {
  const [read] = await Promise.allSettled([readFile(resolve(gitFolder, "config"), "utf8")]);
  if (read.status === "rejected") return undefined;
  const url = /^\[remote "origin"\][^[]*?^\s*url\s*=\s*(\S+)/m.exec(read.value)?.[1];
  return url && withoutCredentials(url);
}

export function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, "$1");
}
