import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newDatabase, noPostgres, onServer } from "../support/postgres.ts";
import { lineTo } from "../support/postgres-line.ts";
import { essenceOf, InterruptedEvaluation, uninterrupted } from "./kill-and-resume.ts";

const canMount = (() => {
  const folder = mkdtempSync(join(tmpdir(), "assay-mount-"));
  const isMounted = spawnSync("mount", ["-t", "tmpfs", "tmpfs", folder]).status === 0;
  if (isMounted) execFileSync("umount", [folder]);
  rmSync(folder, { recursive: true });
  return isMounted;
})();

let whole: ReturnType<typeof essenceOf>;
beforeAll(async () => {
  whole = essenceOf(await uninterrupted());
});

describe.skipIf(!canMount)(
  `a disk that gets full in the middle of an evaluation${canMount ? "" : " (skipped: mount is not allowed)"}`,
  () => {
    let disk: string;
    beforeAll(() => {
      disk = mkdtempSync(join(tmpdir(), "assay-disk-"));
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]);
    });
    afterAll(() => {
      execFileSync("umount", [disk]);
      rmSync(disk, { recursive: true });
    });

    test.each([1000, 1200, 1500])(
      "at %i kB: one line and exit 2; with more room the run goes on and asks for nothing that is stored",
      async (kilobytes) => {
        const resize = (size: string) =>
          execFileSync("mount", ["-o", `remount,size=${size}`, disk]);
        resize(`${kilobytes}k`);
        const uri = `sqlite:///${join(disk, `${kilobytes}.db`)}`;
        const evaluation = await InterruptedEvaluation.start(uri, "word ".repeat(1500));
        try {
          const broken = await evaluation.run();
          expect(broken.code).toBe(2);
          expect(broken.stderr).toMatch(
            /^error: The disk that holds sqlite:\/\/\/\S+\.db is full\. .*\n$/,
          );
          resize("50m");
          const stored = await evaluation.stored();
          expect(stored.length).toBeGreaterThan(0);
          expect(stored.length).toBeLessThan(60);
          const ended = await evaluation.run(undefined, "--resume");
          expect(essenceOf(ended.stdout)).toEqual(whole);
          expect(evaluation.repeatedOf(stored)).toBe(0);
        } finally {
          await evaluation.end();
          for (const file of ["", "-wal", "-shm"]) {
            rmSync(join(disk, `${kilobytes}.db${file}`), { force: true });
          }
        }
      },
    );
  },
);

describe.skipIf(noPostgres)(
  `a PostgreSQL server in the middle of an evaluation${noPostgres ? ` (skipped: ${noPostgres})` : ""}`,
  () => {
    test.each([7, 40, 90, 119])(
      "whose connections break at request %i and which takes the fourth again: the run goes on",
      async (atRequest) => {
        const line = await lineTo(await newDatabase());
        const evaluation = await InterruptedEvaluation.start(line.uri);
        try {
          const ended = await evaluation.run({ signal: () => line.cut(3), atRequest });
          expect(ended.stderr).toBe("");
          expect(essenceOf(ended.stdout)).toEqual(whole);
          expect(evaluation.repeated).toBe(0);
        } finally {
          await evaluation.end();
        }
      },
    );

    test("that ends all connections, again and again: the run goes on", async () => {
      const uri = await newDatabase();
      const evaluation = await InterruptedEvaluation.start(uri);
      const name = new URL(uri).pathname.slice(1);
      const terminate = () =>
        onServer(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
        );
      const ends: Promise<unknown>[] = [];
      const timer = setInterval(() => ends.push(terminate()), 400);
      try {
        const ended = await evaluation.run();
        expect(ended.stderr).toBe("");
        expect(essenceOf(ended.stdout)).toEqual(whole);
        expect(evaluation.repeated).toBe(0);
      } finally {
        clearInterval(timer);
        await Promise.all(ends);
        await evaluation.end();
      }
    });

    test("that stays away for longer than is waited: one line and exit 2, and --resume finishes", async () => {
      const line = await lineTo(await newDatabase());
      const evaluation = await InterruptedEvaluation.start(line.uri);
      try {
        const away = () => line.cut(Number.POSITIVE_INFINITY);
        const broken = await evaluation.run({ signal: away, atRequest: 50 });
        expect(broken.code).toBe(2);
        expect(broken.stderr).toMatch(
          /^error: The PostgreSQL server of postgresql:\S+ cannot be reached\. .*\n$/,
        );
        line.mend();
        const stored = await evaluation.stored();
        expect(stored.length).toBeGreaterThan(0);
        const ended = await evaluation.run(undefined, "--resume");
        expect(essenceOf(ended.stdout)).toEqual(whole);
        expect(evaluation.repeatedOf(stored)).toBe(0);
      } finally {
        await evaluation.end();
      }
    });
  },
);
