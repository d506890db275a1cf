import { readFileSync } from "node:fs";
import { AssayError } from "../../core/index.ts";
import type { JudgeFileEntry } from "../../judges/judge-files.ts";

const SCHEMA = "# yaml-language-server: $schema=../node_modules/assay/judges/schema.json\n";

const STARTER = (name: string) => `${SCHEMA}name: ${name}
version: 1
description: What this judge asks, in a sentence.
scale: [1, 5]
inputs: [inputs, outputs]
rubric:
  1: What an answer of this level is like, in one sentence.
  2: …
  3: …
  4: …
  5: …
examples:
  - inputs: A question as your application gets it.
    outputs: An answer that deserves this score.
    rationale: Why it does.
    score: 3
prompt: |
  Criterion: ${name.replaceAll("_", " ")}
  Judge … of the answer (outputs) to the question (inputs).

  How to grade
  {{ rubric }}

  Examples
  {{ examples }}

  What to grade
  {{ inputs }}
  {{ outputs }}
parameters: { temperature: 0 }
greater_is_better: true
`;

/**
 * A judge file to begin with, or the newest version of a judge as its next one.
 *
 * @throws {AssayError} `invalid-argument` for a name that no judge can have.
 */
export function starterJudge(
  name: string,
  versions: readonly JudgeFileEntry[],
): { readonly file: string; readonly text: string } {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    throw new AssayError(
      "invalid-argument",
      `Expected the name of a judge in snake_case, such as answer_tone, got "${name}".`,
    );
  }
  const newest = versions.at(-1);
  if (newest === undefined) return { file: `${name}.v1.yaml`, text: STARTER(name) };
  const version = newest.version + 1;
  const text = readFileSync(newest.path, "utf8").replace(/^version:.*$/m, `version: ${version}`);
  const headed = text.startsWith("# yaml-language-server") ? text : SCHEMA + text;
  return { file: `${name}.v${version}.yaml`, text: headed };
}
