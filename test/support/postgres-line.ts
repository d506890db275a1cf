import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach } from "vitest";

/** Stands between the store and its server, and can cut the line. */
export interface Line {
  readonly uri: string;
  /** Ends the connections of now, and the next `count` before they are made; without end until `mend`. */
  cut(count: number): void;
  mend(): void;
  /** Cuts once the server has got a COMMIT, before its answer arrives. */
  loseNextAnswerToCommit(): void;
}

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

export async function lineTo(target: string): Promise<Line> {
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
    mend: () => {
      refused = 0;
    },
    loseNextAnswerToCommit: () => {
      isCommitWatched = true;
    },
  };
}
