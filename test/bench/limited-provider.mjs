// An OpenAI-compatible server that takes 50 requests per second, answers 429 with Retry-After beyond, and
// may fail or stall. Prints its port; GET /counts says what it took and refused since the last time.
import { createServer } from "node:http";

const [kind, failing, stalling] = [
  process.argv[2],
  Number(process.argv[3]),
  Number(process.argv[4]),
];
const PER_SECOND = 50;
const LATENCY_MS = 50;
const STALL_MS = 30_000;

const ADMISSION = {
  bucket: () => {
    let level = PER_SECOND;
    let last = performance.now();
    return (now) => {
      level = Math.min(PER_SECOND, level + ((now - last) * PER_SECOND) / 1000);
      last = now;
      if (level < 1) return false;
      level -= 1;
      return true;
    };
  },
  window: () => {
    const taken = [];
    return (now) => {
      while (taken[0] <= now - 1000) taken.shift();
      if (taken.length >= PER_SECOND) return false;
      taken.push(now);
      return true;
    };
  },
};

const admits = ADMISSION[kind]();
let counts = { taken: 0, refused: 0 };

function answer(response, status, body, headers = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

const COMPLETION = {
  id: "c",
  model: "m",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "ok" } }],
  usage: { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 },
};

const server = createServer((request, response) => {
  if (request.url === "/counts") {
    answer(response, 200, counts);
    counts = { taken: 0, refused: 0 };
    return;
  }
  request.resume().on("end", () => {
    if (!admits(performance.now())) {
      counts.refused += 1;
      answer(response, 429, { error: { message: "slow down" } }, { "retry-after": "1" });
      return;
    }
    counts.taken += 1;
    const fate = Math.random();
    if (fate < failing) {
      setTimeout(answer, LATENCY_MS, response, 500, { error: { message: "failed" } });
      return;
    }
    setTimeout(
      answer,
      fate < failing + stalling ? STALL_MS : LATENCY_MS,
      response,
      200,
      COMPLETION,
    );
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
