import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MANIFEST = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  version: string;
  exports: Record<string, unknown>;
};

let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "assay-package-"));
  const packed = execFileSync(
    "npm",
    ["pack", "--ignore-scripts", "--json", "--pack-destination", project],
    { cwd: ROOT, encoding: "utf8" },
  );
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');
  execFileSync("npm", ["install", "--no-audit", "--no-fund", `./${filename}`], {
    cwd: project,
    stdio: "pipe",
  });
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

function runScript(source: string): string {
  writeFileSync(join(project, "script.mjs"), source);
  return execFileSync(process.execPath, ["script.mjs"], { cwd: project, encoding: "utf8" });
}

function installedMegabytes(): number {
  const kilobytes = execFileSync("du", ["-sk", "node_modules"], { cwd: project, encoding: "utf8" });
  return Number.parseInt(kilobytes, 10) / 1024;
}

describe("the packed tarball in an empty project", () => {
  test.each(Object.keys(MANIFEST.exports))(
    "lets %s be imported without any optional peer",
    (key) => {
      const specifier = key.replace(/^\./, "assay");
      const attributes = key.endsWith(".json") ? ', { with: { type: "json" } }' : "";
      const output = runScript(
        `const module = await import("${specifier}"${attributes}); console.log(Object.keys(module).length);`,
      );
      // Imported for what it does, not for what it exports.
      if (key === "./register") expect(output).toBe("0\n");
      else expect(Number(output)).toBeGreaterThan(0);
    },
  );

  test("traces an untouched program with --import assay/register", () => {
    writeFileSync(join(project, "untouched.mjs"), 'console.log("as before");');
    const output = execFileSync(process.execPath, ["--import", "assay/register", "untouched.mjs"], {
      cwd: project,
      encoding: "utf8",
    });
    expect(output).toBe("as before\n");
  });

  test("stays under 90 MB with its dependencies", () => {
    expect(installedMegabytes()).toBeLessThan(90);
  });

  test("counts tokens and syllables without the packages that the tables were made from", () => {
    const output = runScript(`
      import { fleschKincaidGradeLevel, jsonSchema, tokenCount } from "assay/metrics";
      const sample = { outputs: "Glimmerous dogs wear da sunglasses." };
      const schema = jsonSchema({ schema: { type: "object" } });
      console.log(await tokenCount()(sample), await fleschKincaidGradeLevel()(sample), schema({ outputs: {} }));
    `);
    // tiktoken 0.14.0 and textstat 0.7.11; "glimmerous" is in no dictionary.
    expect(output).toMatch(/^9 7\.6000\d* true\n$/);
  });

  test("has declarations of its own alone, which lead to installed packages", () => {
    const files = globSync("**/*.d.ts", { cwd: join(project, "node_modules/assay/dist") });
    expect(files.length).toBeGreaterThan(100);
    const specifiers = files.flatMap((file) => {
      const source = readFileSync(join(project, "node_modules/assay/dist", file), "utf8");
      return [...source.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(([, path]) => path);
    });
    expect(new Set(specifiers.filter((path) => !/^(\.|node:)/.test(path ?? "")))).toEqual(
      new Set(["@opentelemetry/api", "@opentelemetry/sdk-trace-base", "zod"]),
    );
  });

  test("is imported in few files", () => {
    const output = runScript(`
      import { registerHooks } from "node:module";
      let own = 0;
      registerHooks({
        load: (url, context, next) => {
          if (url.includes("/node_modules/assay/")) own++;
          return next(url, context);
        },
      });
      await import("assay");
      console.log(own);
    `);
    expect(Number(output)).toBeGreaterThan(1);
    expect(Number(output)).toBeLessThan(40);
  });

  test("brings the documentation that its README and its pages point to", () => {
    const installed = join(project, "node_modules", "assay");
    const pages = ["README.md", ...globSync("docs/*.md", { cwd: installed })];
    const links = pages.flatMap((page) =>
      [...readFileSync(join(installed, page), "utf8").matchAll(/\]\(((?!https?:)[^)#]+)/g)].map(
        ([, link = ""]) => join(dirname(page), link),
      ),
    );
    // Who works on Assay itself has the repository.
    const missing = links.filter((link) => !existsSync(join(installed, link)));
    expect([...new Set(missing)]).toEqual(["CONTRIBUTING.md"]);
    expect(links.length).toBeGreaterThan(20);
  });

  test("runs the CLI that it brings", () => {
    const bin = join(project, "node_modules", ".bin", "assay");
    const output = execFileSync(process.execPath, [bin, "--version"], { encoding: "utf8" });
    expect(output.trim()).toBe(MANIFEST.version);
  });

  test("evaluates what `assay init` writes, with the offline baseline", () => {
    const bin = join(project, "node_modules", ".bin", "assay");
    const env = { PATH: process.env.PATH };
    execFileSync(process.execPath, [bin, "init"], { cwd: project, env });
    const output = execFileSync(
      process.execPath,
      [
        ...[bin, "eval", "evals/capitals.eval.mjs", "--json"],
        ...["--model", "offline:/reader", "--judge-model", "offline:/lexical-judge"],
      ],
      { cwd: project, encoding: "utf8", env, stdio: "pipe" },
    );
    const [evaluation] = JSON.parse(output);
    expect(evaluation).toMatchObject({
      name: "capitals",
      status: "finished",
      decision: "pass",
      counts: { rows: 3, trials: 3, completed: 3, failed: 0 },
    });
  });

  test.each([
    ["openai:/m", "npm install openai"],
    ["anthropic:/m", "npm install @anthropic-ai/sdk"],
  ])("exits 2 naming the install command when the SDK of %s is missing", (model, command) => {
    const bin = join(project, "node_modules", ".bin", "assay");
    writeFileSync(join(project, "rows.jsonl"), '{"question":"q"}\n');
    const { status, stderr } = spawnSync(
      process.execPath,
      [bin, "eval", "rows.jsonl", "--model", model, "--judge", "relevance"],
      {
        cwd: project,
        encoding: "utf8",
        env: { PATH: process.env.PATH, OPENAI_API_KEY: "x", ANTHROPIC_API_KEY: "x" },
      },
    );
    expect(stderr).toMatch(new RegExp(`^error: .*${command}.*\\n$`));
    expect(status).toBe(2);
  });

  test("says how to install what the demo is made of", () => {
    const bin = join(project, "node_modules", ".bin", "assay");
    const { status, stderr } = spawnSync(process.execPath, [bin, "demo"], {
      cwd: project,
      encoding: "utf8",
    });
    expect(stderr).toContain("npm install @langchain/core");
    expect(status).toBe(2);
  });

  test("names the install command for an SDK that is not installed", () => {
    const output = runScript(`
      import { resolveModel } from "assay/models";
      const error = await resolveModel("openai:/m", { env: { OPENAI_API_KEY: "x" } }).catch((e) => e);
      console.log(error.code, error.message);
    `);
    expect(output).toContain("configuration");
    expect(output).toContain("npm install openai");
  });

  test("names the install commands for PostgreSQL and S3", () => {
    const output = runScript(`
      import { openStore } from "assay/store";
      const tell = (error) => console.log(error.code, error.message);
      await openStore("postgresql://user:hunter2secret@localhost/db").catch(tell);
      const store = await openStore("sqlite:///:memory:", { artifactRoot: "s3://bucket/runs" });
      await store.artifacts.write("s3://bucket/runs/1", "a.txt", "a").catch(tell);
    `);
    expect(output).toMatch(/^configuration .*npm install pg\n/);
    expect(output).toMatch(/\nconfiguration .*npm install @aws-sdk\/client-s3/);
    expect(output).not.toContain("hunter2secret");
  });
});
