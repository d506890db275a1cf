import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { defineScorer } from "../../src/core/index.ts";
import { evaluate } from "../../src/evaluate/index.ts";
import { findCommit, withoutCredentials } from "../../src/tracking/git.ts";
import { systemTags, withRun } from "../../src/tracking/index.ts";
import { tempFolder } from "../store/temp-folder.ts";
import { stored, useTempStore } from "./temp-store.ts";

useTempStore();

describe("the tags of a run", () => {
  test("say who began it, with which program", async () => {
    const { tags } = await withRun({}, async ({ runId }) => stored(runId));
    expect(tags).toMatchObject({
      "mlflow.user": userInfo().username,
      "mlflow.source.name": process.argv[1],
      "mlflow.source.type": "LOCAL",
    });
  });

  test("give way to those of the caller", async () => {
    const given = { "mlflow.user": "ada", "mlflow.source.name": "mine" };
    const { tags } = await withRun({ tags: given }, async ({ runId }) => stored(runId));
    expect(tags).toMatchObject(given);
  });

  test("are looked up once", () => {
    expect(systemTags()).toBe(systemTags());
  });

  test("stay as they are when a run is continued", async () => {
    const runId = await withRun({ tags: { "mlflow.user": "ada" } }, (run) => run.runId);
    await withRun({ runId }, () => 1);
    expect((await stored(runId)).tags["mlflow.user"]).toBe("ada");
  });

  test("are on the runs of evaluations too", async () => {
    const data = [{ inputs: { question: "q" }, outputs: "a" }];
    const scored = defineScorer({ name: "one" }, () => 1);
    const { runId } = await evaluate({ data, extraMetrics: [scored] });
    const { tags } = await stored(runId);
    expect(tags).toMatchObject({ "mlflow.source.type": "LOCAL", "mlflow.runType": "evaluation" });
  });
});

describe("the commit", () => {
  let folder: string;
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], {
      cwd: folder,
      encoding: "utf8",
      env: {
        PATH: process.env.PATH,
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_CONFIG_SYSTEM: "/dev/null",
      },
    }).trim();

  beforeEach(() => {
    folder = tempFolder();
    git("init", "--quiet", "--initial-branch", "trunk");
    writeFileSync(join(folder, "a.txt"), "1");
    git("add", ".");
    git("commit", "--quiet", "--message", "first");
  });

  test("has a hash, a branch and whether files differ", async () => {
    const hash = git("rev-parse", "HEAD");
    expect(await findCommit(folder)).toEqual({ hash, branch: "trunk", isDirty: false });
    writeFileSync(join(folder, "untracked.txt"), "1");
    expect((await findCommit(folder))?.isDirty).toBe(false);
    writeFileSync(join(folder, "a.txt"), "2");
    expect((await findCommit(folder))?.isDirty).toBe(true);
    git("checkout", "--quiet", "--detach");
    expect(await findCommit(folder, {})).toEqual({ hash, isDirty: true });
    // CI checks out a commit, and names the branch beside it.
    const onGitHub = { GITHUB_HEAD_REF: "", GITHUB_REF_NAME: "main" };
    expect((await findCommit(folder, onGitHub))?.branch).toBe("main");
    expect((await findCommit(folder, { CI_COMMIT_BRANCH: "trial" }))?.branch).toBe("trial");
    const pullRequest = { GITHUB_HEAD_REF: "fix", GITHUB_REF_NAME: "12/merge" };
    expect((await findCommit(folder, pullRequest))?.branch).toBe("fix");
  });

  test("has the repository's address, without credentials, in work trees too", async () => {
    git("remote", "add", "upstream", "https://example.org/other.git");
    git("remote", "add", "origin", "https://me:p%40ss@example.org/team/repo.git");
    const repoUrl = "https://example.org/team/repo.git";
    expect(await findCommit(folder)).toMatchObject({ repoUrl });
    git("worktree", "add", "--quiet", "-b", "side", "tree");
    expect(await findCommit(join(folder, "tree"))).toMatchObject({ repoUrl, branch: "side" });
  });

  test("runs no program that the repository's settings name", async () => {
    const mark = join(folder, "ran");
    git("config", "core.fsmonitor", `touch ${mark}; false`);
    expect(await findCommit(folder)).toMatchObject({ isDirty: false });
    expect(() => rmSync(mark)).toThrow();
  });

  test("is unknown without a repository, without a commit and without git", async () => {
    rmSync(join(folder, ".git"), { recursive: true });
    expect(await findCommit(folder)).toBeUndefined();
    git("init", "--quiet");
    expect(await findCommit(folder)).toBeUndefined();
    expect(await findCommit(join(folder, "missing"))).toBeUndefined();
    vi.stubEnv("PATH", "");
    expect(await findCommit(".")).toBeUndefined();
  });

  test.each([
    ["https://token@example.org/a.git", "https://example.org/a.git"],
    ["https://a:b@c@example.org/a.git", "https://example.org/a.git"],
    ["ssh://git@example.org:22/a.git", "ssh://example.org:22/a.git"],
    ["git@example.org:team/a.git", "git@example.org:team/a.git"],
    ["/srv/git/a.git", "/srv/git/a.git"],
  ])("the address %s is stored as %s", (url, expected) => {
    expect(withoutCredentials(url)).toBe(expected);
  });
});
