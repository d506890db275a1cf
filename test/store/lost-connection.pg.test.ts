import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { openStore } from "../../src/store/index.ts";
import { newDatabase, noPostgres } from "../support/postgres.ts";

/** Stands between the store and its server, and can cut the line. */
interface Line {
  readonly uri: string;
  /** Ends the connections of now, and the next `count` before they are made. */
  cut(count: number): void;
  /** Cuts once the server has got a COMMIT, before its answer arrives. */
  loseNextAnswerToCommit(): void;
}

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function lineTo(target: string): Promise<Line> {
  const { port } = new URL(target);
  const sockets = new Set<Socket>();
  let refused = 0;
  let isCommitWatched = false;
  const server = createServer((near) => {
    if (refused > 0) {
      refused--;
      near.destroy();
      return;
    }
    const far = connect(Number(port), "127.0.0.1");
    let isSilent = false;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        near.destroy();
        if (!isSilent) far.destroy();
      });
    }
    near.on("data", (chunk) => {
      if (isCommitWatched && chunk.includes("commit\0")) {
        isCommitWatched = false;
        isSilent = true;
      }
      far.write(chunk);
    });
    far.on("data", (chunk) => {
      // The answer is here, so the server has committed; nobody hears of it.
      if (isSilent) {
        near.destroy();
        far.destroy();
      } else near.write(chunk);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const uri = new URL(target);
  uri.port = String(typeof address === "object" ? address?.port : "");
  return {
    uri: uri.href,
    cut: (count) => {
      refused = count;
      for (const socket of sockets) socket.destroy();
    },
    loseNextAnswerToCommit: () => {
      isCommitWatched = true;
    },
  };
}

describe.skipIf(noPostgres)(`PostgreSQL${noPostgres ? ` (skipped: ${noPostgres})` : ""}`, () => {
  test("writes wait for a server that comes back, and each is there once", async () => {
    const line = await lineTo(await newDatabase());
    const store = await openStore(line.uri);
    const { experimentId } = await store.experiments.createExperiment("e");
    const { runId } = await store.runs.createRun({ experimentId });
    const points = (from: number) =>
      Array.from({ length: 20 }, (_, at) =>
        store.runs.logBatch(runId, {
          metrics: [{ key: "m", value: from + at, timestamp: from + at, step: from + at }],
        }),
      );
    const first = points(0);
    line.cut(3);
    await Promise.all([...first, ...points(20)]);
    const history = await store.runs.getMetricHistory(runId, "m");
    expect(history.map(({ step }) => step)).toEqual([...Array(40).keys()]);
    await store.close();
  });

  test("a commit whose answer was lost is not repeated", async () => {
    const line = await lineTo(await newDatabase());
    const store = await openStore(line.uri);
    line.loseNextAnswerToCommit();
    // A second attempt would find the name taken.
    const made = await store.experiments.createExperiment("once");
    expect(await store.experiments.listExperiments()).toEqual([made]);
    await store.close();
  });
});
