import { resolve } from "node:path";
import {
  AssayError,
  type DirectSample,
  type Score,
  type Scorer,
  soleInput,
  withoutAbsent,
} from "../../core/index.ts";
import { openSource } from "../../datasets/index.ts";
import {
  type JudgeFile,
  type JudgeFileOptions,
  judgeFromFile,
  loadJudgeFile,
} from "../../judges/index.ts";
import { resolveJudge } from "../../judges/judge-files.ts";
import type { ChatModel } from "../../models/index.ts";
import { judgeModelFrom, loadConfig } from "./config.ts";
import { withEnvFile } from "./eval-options.ts";
import { EXIT } from "./exit-codes.ts";
import { scoreText } from "./format.ts";
import { type Io, line } from "./io.ts";
import { checkOutputs } from "./labelled-rows.ts";
import { judgeSettings } from "./named-judges.ts";
import { oneLine, renderTable } from "./table.ts";

export interface TestFlags {
  readonly data?: string;
  readonly limit?: number;
  readonly predictions?: string;
  readonly targets?: string;
  readonly map?: { readonly [name: string]: string };
  readonly model?: string;
  readonly set?: readonly string[];
  readonly prompt?: boolean;
  readonly envFile?: string;
  readonly json?: boolean;
}

/** Something to judge, by a judge that has not seen it. */
interface Trial {
  readonly name: string;
  readonly judge: Scorer;
  readonly sample: DirectSample;
  /** What the example says that it deserves. */
  readonly expected?: number | string;
}

interface Outcome {
  readonly name: string;
  readonly expected?: number | string;
  readonly scores: readonly Score[];
}

const DEFAULT_LIMIT = 5;

/** Asks a judge about its examples or some rows and prints what it says; exits 4 where it gave no verdict. */
export async function testJudge(name: string, flags: TestFlags, outer: Io): Promise<number> {
  const io = withEnvFile(outer, flags.envFile);
  const file = loadJudgeFile(resolveJudge(name, io.cwd));
  const options = {
    settings: judgeSettings(flags.set),
    ...(flags.prompt && { model: printer(io) }),
  };
  const { data } = flags;
  const trials =
    data === undefined
      ? trialsOfExamples(file, options)
      : await trialsOfRows(file, options, { ...flags, data }, io);
  if (flags.prompt) {
    for (const trial of trials) await printPrompt(trial, io);
    return EXIT.ok;
  }
  const { judgeModel } = await loadConfig(resolve(io.cwd));
  const environment = withoutAbsent({
    env: io.env,
    judgeModel: judgeModelFrom(flags.model, io.env, judgeModel),
  });
  const outcomes: Outcome[] = [];
  for (const { judge, sample, ...trial } of trials) {
    const prepared = (await judge.scorer.prepare?.(environment)) ?? judge;
    outcomes.push({ ...trial, scores: [await prepared(sample)].flat() as Score[] });
  }
  print(outcomes, flags.json === true, io);
  const isMissing = outcomes.some(({ scores: [first] }) => first?.kind === "unscored");
  return isMissing ? EXIT.incomplete : EXIT.ok;
}

/** Each example is judged by the judge without it: a judge that has read the answer proves nothing. */
function trialsOfExamples(file: JudgeFile, options: JudgeFileOptions): Trial[] {
  const examples = file.examples ?? [];
  if (examples.length === 0) {
    throw new AssayError(
      "invalid-argument",
      `Judge "${file.name}" has no examples to be tested on; name rows with --data.`,
    );
  }
  return examples.map((example, index) => {
    const others = examples.filter((other) => other !== example);
    const expected = example.score ?? example.verdict;
    return withoutAbsent<Trial>({
      name: `example ${index + 1}`,
      judge: judgeFromFile({ ...file, examples: others }, options),
      sample: sampleOf(example, file.expects?.[0]),
      expected,
    });
  });
}

type Example = NonNullable<JudgeFile["examples"]>[number];

function sampleOf(
  { inputs, outputs, expectations, context }: Example,
  expectation = "expected_response",
): DirectSample {
  return withoutAbsent<DirectSample>({
    input: inputs,
    output: outputs ?? "",
    context,
    expectations: expectations === undefined ? undefined : { [expectation]: expectations },
  });
}

async function trialsOfRows(
  file: JudgeFile,
  options: JudgeFileOptions,
  { data, limit = DEFAULT_LIMIT, predictions, targets, map }: TestFlags & { readonly data: string },
  io: Io,
): Promise<Trial[]> {
  const judge = judgeFromFile(file, options);
  const columns = withoutAbsent({ predictions, targets, mapping: map });
  const readsOutputs = [...file.inputs, ...(file.optional ?? [])].includes("outputs");
  const source = await openSource(data, { ...columns, baseDir: io.cwd, limit });
  const trials: Trial[] = [];
  for await (const row of source.rows()) {
    if (readsOutputs) checkOutputs(row);
    const { inputs, expectations, context, outputs = null } = row;
    trials.push({
      name: `row ${row.ordinal + 1}`,
      judge,
      sample: withoutAbsent<DirectSample>({
        row,
        trial: 0,
        inputs,
        outputs,
        expectations,
        context: context ?? undefined,
        input: soleInput(inputs),
        output: outputs,
        expected: expectations.expected_response,
      }),
    });
  }
  return trials;
}

/** A model that prints what it is asked, and answers nothing. */
function printer(io: Io): ChatModel {
  return {
    uri: "print:/prompt",
    provider: "print",
    model: "prompt",
    generate: async ({ messages }) => {
      for (const { role, content } of messages) line(io.stdout, `\n## ${role}\n${content}`);
      return { text: "", refusal: "nothing was asked" };
    },
  };
}

async function printPrompt({ name, judge, sample }: Trial, io: Io): Promise<void> {
  line(io.stdout, `# ${name}`);
  const [first] = [await judge(sample)].flat() as Score[];
  const isShown = first?.kind !== "unscored" || first.reason !== "not-applicable";
  if (!isShown) line(io.stdout, first.detail);
  line(io.stdout);
}

function print(outcomes: readonly Outcome[], json: boolean, io: Io): void {
  if (json) {
    line(io.stdout, JSON.stringify(outcomes, null, 2));
    return;
  }
  const columns = [
    { title: "judged" },
    { title: "expected", align: "right" as const },
    { title: "verdict", align: "right" as const },
    { title: "why", flexible: true },
  ];
  const cells = outcomes.flatMap(({ name, expected, scores }) =>
    scores.map((score, index) => [
      index === 0 ? name : `  ${score.part ?? ""}`,
      index > 0 || expected === undefined ? "" : String(expected),
      scoreText(score),
      oneLine(score.kind === "scored" ? (score.rationale ?? "") : score.detail),
    ]),
  );
  for (const row of renderTable(columns, cells, io.stdout.columns)) line(io.stdout, row);
}
