import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * A Python that has packages: the one that `ASSAY_TEST_PYTHON` names, else of an environment in the
 * temporary folder, which is made once.
 *
 * @returns Its path, or why there is none.
 */
export async function pythonWith(
  packageName: string,
  ...more: readonly string[]
): Promise<{ readonly path: string } | { readonly missing: string }> {
  const named = process.env.ASSAY_TEST_PYTHON;
  if (named !== undefined) return { path: named };
  const folder = join(tmpdir(), `assay-python-${packageName}`);
  const path = join(folder, "bin", "python");
  try {
    if (!existsSync(path)) await run("python3", ["-m", "venv", folder]);
  } catch {
    return { missing: "no Python with venv; ASSAY_TEST_PYTHON names one" };
  }
  try {
    await run(path, ["-c", `import ${packageName}`]);
    return { path };
  } catch {
    // Not installed yet.
  }
  try {
    await run(path, ["-m", "pip", "install", "--quiet", packageName, ...more], {
      timeout: 500_000,
    });
    return { path };
  } catch {
    return {
      missing: `pip cannot install ${packageName}; ASSAY_TEST_PYTHON names a Python with it`,
    };
  }
}
