import { spawn } from "node:child_process";
import { meeting } from "../evaluate/temp-store.ts";
import { type ProviderServer, startProviderServer } from "../support/provider-server.ts";
import { BIN, type Ended, endOf, newProject, type Project } from "../support/run-cli.ts";

export const ROWS = 80;
export const CONCURRENCY = 4;
const WORKERS = 4;

const keyOf = (worker: number) => `key-of-worker-${worker}`;

const EVALUATION = [
  ...["eval", "rows.jsonl", "--model", "openai:/m", "--judge", "relevance", "--quiet", "--json"],
  ...["--judge-model", "openai:/j", "--gate", "relevance/v1/mean >= 3", "--no-cache"],
  ...["-j", String(CONCURRENCY)],
];

/** What workers of one run did, of which one was killed in the middle of it. */
export interface Together {
  /** The result of the same evaluation in one process. */
  readonly alone: Ended;
  readonly workers: readonly Ended[];
  /** The number of each worker's questions. */
  readonly asked: readonly number[];
  /** How many questions were asked that had been asked before. */
  readonly repeated: number;
  /** `assay gate` and `assay runs rows` afterwards. */
  readonly gate: Ended;
  readonly rows: Ended;
}

/** Evaluates the same rows in one process and by four workers, one of which is killed at its tenth question. */
export async function workTogether(trackingUri?: string): Promise<Together> {
  const children: ReturnType<typeof start>[] = [];
  const asked = Array.from({ length: WORKERS }, () => 0);
  const together = meeting(WORKERS);
  const server = await startProviderServer({
    reply: async ({ text, headers }) => {
      const worker = asked.findIndex((_, at) => headers.authorization?.endsWith(keyOf(at)));
      if (worker >= 0) {
        asked[worker] = (asked[worker] ?? 0) + 1;
        // Nobody gets an answer until all of them work.
        if (asked[worker] === 1) void together.arrive();
        await together.waited;
        if (worker === 0 && asked[worker] === 10) children[0]?.child.kill("SIGKILL");
      }
      if (!text.includes("impartial judge")) return { text: `answer to ${text}` };
      const number = Number(/question (\d+)/.exec(text)?.[1]);
      return { text: JSON.stringify({ rationale: "so", score: 1 + (number % 5) }) };
    },
  });
  const project = newProject({
    ...server.env,
    ...(trackingUri !== undefined && { ASSAY_TRACKING_URI: trackingUri }),
  });
  try {
    const rows = Array.from({ length: ROWS }, (_, at) => ({ id: `r${at}`, q: `question ${at}` }));
    project.write("rows.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
    const alone = await start(project, EVALUATION).ended;
    const before = server.requests.length;
    const [{ runId }] = JSON.parse(
      (await start(project, [...EVALUATION, "--plan-only"]).ended).stdout,
    );
    for (let worker = 0; worker < WORKERS; worker++) {
      const args = [...EVALUATION, "--run", runId, "--worker"];
      children.push(start(project, args, { OPENAI_API_KEY: keyOf(worker) }));
    }
    const workers = await Promise.all(children.map(({ ended }) => ended));
    return {
      alone,
      workers,
      asked,
      repeated: repeatedIn(server, before),
      gate: await start(project, ["gate", runId, "--json"]).ended,
      rows: await start(project, ["runs", "rows", runId, "--json"]).ended,
    };
  } finally {
    for (const { child } of children) child.kill("SIGKILL");
    await server.close();
    project.remove();
  }
}

function repeatedIn({ requests }: ProviderServer, from: number): number {
  const texts = requests.slice(from).map(({ text }) => text);
  return texts.length - new Set(texts).size;
}

function start(project: Project, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: project.folder,
    env: { PATH: process.env.PATH ?? "", ...project.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { child, ended: endOf(child) };
}
