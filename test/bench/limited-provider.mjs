// An OpenAI-compatible server that takes so much per second, answers 429 with Retry-After beyond, and may
// fail or stall. Prints its port; GET /counts says what it took and refused since the last time.
//
//   node limited-provider.mjs '{"kind":"bucket","perSecond":50,"failing":0,"stalling":0}'
import { createServer } from "node:http";

const { kind, perSecond, failing = 0, stalling = 0 } = JSON.parse(process.argv[2]);
const LATENCY_MS = 50;
const STALL_MS = 30_000;

/** A second's worth at most, refilled all the time. */
function bucket() {
  let level = perSecond;
  let last = performance.now();
  return (now, size) => {
    level = Math.min(perSecond, level + ((now - last) * perSecond) / 1000);
    last = now;
    if (level < size) return false;
    level -= size;
    return true;
  };
}

/** Requests of the last second. */
function window() {
  const taken = [];
  return (now) => {
    while (taken[0] <= now - 1000) taken.shift();
    if (taken.length >= perSecond) return false;
    taken.push(now);
    return true;
  };
}

/** Requests since the last full second. */
function seconds() {
  let second;
  let taken = 0;
  return (now) => {
    if (second !== Math.floor(now / 1000)) taken = 0;
    second = Math.floor(now / 1000);
    if (taken >= perSecond) return false;
    taken += 1;
    return true;
  };
}

const admits = { bucket, window, seconds, tokens: bucket }[kind]();
let counts = { taken: 0, refused: 0, size: 0 };

function answer(response, status, body, headers = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

function completion(promptTokens) {
  const message = { role: "assistant", content: '{"rationale":"fits","score":5}' };
  return {
    id: "c",
    model: "m",
    choices: [{ index: 0, finish_reason: "stop", message }],
    usage: { prompt_tokens: promptTokens, completion_tokens: 1, total_tokens: promptTokens + 1 },
  };
}

function take(response, body) {
  const text = JSON.parse(body).messages.map(({ content }) => content);
  const promptTokens = Math.ceil(text.join("").length / 4);
  const size = kind === "tokens" ? promptTokens + 1 : 1;
  if (!admits(performance.now(), size)) {
    counts.refused += 1;
    answer(response, 429, { error: { message: "slow down" } }, { "retry-after": "1" });
    return;
  }
  counts.taken += 1;
  counts.size += size;
  const fate = Math.random();
  if (fate < failing) {
    setTimeout(answer, LATENCY_MS, response, 500, { error: { message: "failed" } });
    return;
  }
  const latencyMs = fate < failing + stalling ? STALL_MS : LATENCY_MS;
  setTimeout(answer, latencyMs, response, 200, completion(promptTokens));
}

const server = createServer((request, response) => {
  if (request.url === "/counts") {
    answer(response, 200, counts);
    counts = { taken: 0, refused: 0, size: 0 };
    return;
  }
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => take(response, body));
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
