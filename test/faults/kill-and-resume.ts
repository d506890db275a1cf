import { type ChildProcess, spawn } from "node:child_process";
import { type ProviderServer, startProviderServer } from "../support/provider-server.ts";
import { BIN, type Ended, endOf, newProject, type Project } from "../support/run-cli.ts";

const ROWS = 60;
const CONCURRENCY = 6;

interface StoredRow {
  readonly rowKey: string;
  readonly outputs?: unknown;
  readonly scores: { readonly [scorer: string]: unknown };
}

/** A model and a judge of 60 rows behind a server that counts what it is asked. */
export class InterruptedEvaluation {
  readonly project: Project;
  readonly #server: ProviderServer;
  /** Called for each request. */
  readonly #asked: { note: () => void };

  private constructor(project: Project, server: ProviderServer, asked: { note: () => void }) {
    this.project = project;
    this.#server = server;
    this.#asked = asked;
  }

  /** @param filler - Makes every answer so long. */
  static async start(trackingUri?: string, filler = ""): Promise<InterruptedEvaluation> {
    const asked: { note: () => void } = { note: () => undefined };
    const server = await startProviderServer({
      reply: ({ text }) => {
        asked.note();
        if (!text.includes("impartial judge")) return { text: `answer to ${text} ${filler}` };
        const number = Number(/question (\d+)/.exec(text)?.[1]);
        return { text: JSON.stringify({ rationale: "so", score: 1 + (number % 5) }) };
      },
    });
    const project = newProject({
      ...server.env,
      ...(trackingUri !== undefined && { ASSAY_TRACKING_URI: trackingUri }),
    });
    const rows = Array.from({ length: ROWS }, (_, at) => ({ id: `r${at}`, q: `question ${at}` }));
    project.write("rows.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
    return new InterruptedEvaluation(project, server, asked);
  }

  /** How many requests were sent for what had been asked before. */
  get repeated(): number {
    const texts = this.#server.requests.map(({ text }) => text);
    return texts.length - new Set(texts).size;
  }

  /** How many answers and verdicts were asked for again that had been stored. */
  repeatedOf(stored: readonly StoredRow[]): number {
    let repeated = 0;
    for (const { rowKey, outputs, scores } of stored) {
      const question = `question ${rowKey.slice(1)}`;
      const asked = this.#server.requests.filter(({ text }) =>
        new RegExp(`${question}\\b`).test(text),
      );
      const ofJudge = asked.filter(({ text }) => text.includes("impartial judge"));
      const ofModel = asked.length - ofJudge.length;
      if (outputs !== undefined) repeated += ofModel - 1;
      if (Object.keys(scores).length > 0) repeated += ofJudge.length - 1;
    }
    return repeated;
  }

  /** What an interrupted run holds. */
  async stored(): Promise<readonly StoredRow[]> {
    const [run] = JSON.parse((await this.project.assay("runs", "list", "--json")).stdout);
    const { stdout } = await this.project.assay("runs", "rows", run.runId, "--json");
    return JSON.parse(stdout);
  }

  get requests(): number {
    return this.#server.requests.length;
  }

  /** Runs the evaluation; `signal` meets it, or what it does happens, when the server is asked for the so-manieth time from now. */
  async run(
    interruption?: { signal: NodeJS.Signals | (() => void); atRequest: number },
    ...args: string[]
  ): Promise<Ended> {
    const child = this.#spawn(args);
    let requests = 0;
    this.#asked.note = () => {
      requests += 1;
      if (requests !== interruption?.atRequest) return;
      if (typeof interruption.signal === "function") interruption.signal();
      else child.kill(interruption.signal);
    };
    return endOf(child);
  }

  #spawn(more: readonly string[]): ChildProcess {
    const args = [
      ...["eval", "rows.jsonl", "--model", "openai:/m", "--judge", "relevance", "--quiet"],
      ...["--judge-model", "openai:/j", "--json"],
      ...(more.includes("--gate") ? [] : ["--gate", "relevance/v1/mean >= 3"]),
      ...["-j", String(CONCURRENCY), "--no-cache", ...more],
    ];
    return spawn(process.execPath, [BIN, ...args], {
      cwd: this.project.folder,
      env: { PATH: process.env.PATH ?? "", ...this.project.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  async end(): Promise<void> {
    await this.#server.close();
    this.project.remove();
  }
}

/** At most one question for each row under way is asked again after a crash: that of the model or the judge. */
export const MOST_REPEATED = CONCURRENCY;

/** What must not depend on how often a run was interrupted. */
export function essenceOf(stdout: string) {
  const [{ status, verdict, decision, gates, metrics, summaries, counts }] = JSON.parse(stdout);
  const steady = Object.entries(metrics).filter(([key]) => !key.startsWith("latency/"));
  return {
    status,
    verdict,
    decision,
    gates,
    metrics: Object.fromEntries(steady),
    summaries,
    counts,
  };
}

/**
 * Interrupts one evaluation after another at the given requests, resumes each until it ends.
 *
 * @returns What each gave in the end, and how many questions it asked again.
 */
export async function interruptAndResume(
  signal: NodeJS.Signals,
  moments: readonly number[],
  trackingUri?: () => Promise<string>,
) {
  const outcomes = [];
  for (const atRequest of moments) {
    const evaluation = await InterruptedEvaluation.start(await trackingUri?.());
    try {
      const broken = await evaluation.run({ signal, atRequest });
      // At the last request everything may be done before the signal is heard of.
      const ended = isFinished(broken.stdout)
        ? broken
        : await evaluation.run(undefined, "--resume");
      const { repeated, requests } = evaluation;
      outcomes.push({ broken, ended, repeated, requests });
    } finally {
      await evaluation.end();
    }
  }
  return outcomes;
}

function isFinished(stdout: string): boolean {
  return stdout !== "" && JSON.parse(stdout)[0]?.status === "finished";
}

/** What an evaluation gives that nobody interrupts. */
export async function uninterrupted(): Promise<string> {
  const evaluation = await InterruptedEvaluation.start();
  try {
    return (await evaluation.run()).stdout;
  } finally {
    await evaluation.end();
  }
}

/** `count` requests between the first and the last but one, always the same for a seed. */
export function momentsOf(count: number, seed = 7): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return 1 + Math.floor((state / 2 ** 31) * (2 * ROWS - 2));
  });
}
