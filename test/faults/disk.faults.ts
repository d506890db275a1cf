import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newProject, type Project } from "../support/run-cli.ts";

const canMount = (() => {
  const folder = mkdtempSync(join(tmpdir(), "assay-mount-"));
  const isMounted = spawnSync("mount", ["-t", "tmpfs", "tmpfs", folder]).status === 0;
  if (isMounted) execFileSync("umount", [folder]);
  rmSync(folder, { recursive: true });
  return isMounted;
})();

describe.skipIf(!canMount)(
  `a small disk${canMount ? "" : " (skipped: mount is not allowed)"}`,
  () => {
    let project: Project;
    let disk: string;

    beforeAll(() => {
      project = newProject();
      const rows = Array.from({ length: 3000 }, (_, at) =>
        JSON.stringify({ id: `r${at}`, question: `question ${at}`, gold: "yes", answer: "yes" }),
      );
      project.write("rows.jsonl", `${rows.join("\n")}\n`);
      disk = mkdtempSync(join(tmpdir(), "assay-disk-"));
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=800k", "tmpfs", disk]);
    });

    afterAll(() => {
      execFileSync("umount", [disk]);
      rmSync(disk, { recursive: true });
      project.remove();
    });

    const evaluate = (file: string) =>
      project.assay(
        ...["eval", "rows.jsonl", "--targets", "gold", "--predictions", "answer", "--quiet"],
        ...["--tracking-uri", `sqlite:///${join(disk, file)}`],
      );

    test("that is full ends an evaluation with one line and exit 2; what is stored can be read", async () => {
      const { code, stderr } = await evaluate("a.db");
      expect(code).toBe(2);
      expect(stderr).toMatch(/^error: The disk that holds sqlite:\/\/\/\S+a\.db is full\. .*\n$/);
      const shown = await project.assay(
        "runs",
        "list",
        "--json",
        "--tracking-uri",
        `sqlite:///${disk}/a.db`,
      );
      expect(JSON.parse(shown.stdout)).toHaveLength(1);
    });

    test("that is read-only refuses with one line and exit 2, an old store and a new one", async () => {
      execFileSync("mount", ["-o", "remount,ro", disk]);
      for (const file of ["a.db", "new.db"]) {
        const { code, stderr } = await evaluate(file);
        expect(code).toBe(2);
        expect(stderr).toMatch(new RegExp(`^error: Cannot (write|open).*${file}.*\\n$`));
      }
      execFileSync("mount", ["-o", "remount,rw", disk]);
    });

    test("that has room again goes on being used", async () => {
      execFileSync("mount", ["-o", "remount,size=50m", disk]);
      expect(await evaluate("a.db")).toMatchObject({ code: 0 });
    });
  },
);
