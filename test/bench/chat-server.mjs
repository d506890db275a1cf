import { createServer } from "node:http";
import { parentPort } from "node:worker_threads";

// A provider in a thread of its own, so that its work is not taken for that of the client.
const text = "The quick brown fox jumps over the lazy dog. ".repeat(12);
const body = JSON.stringify({
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
  usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 },
});
const chunk = (n) => {
  const choices = [{ index: 0, delta: { content: `word ${n} ` }, finish_reason: null }];
  const given = { id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices };
  return `data: ${JSON.stringify(given)}\n\n`;
};
export const CHUNKS = 2000;
const stream = `${Array.from({ length: CHUNKS }, (_, n) => chunk(n)).join("")}data: [DONE]\n\n`;

const server = createServer((request, response) => {
  let given = "";
  request.on("data", (part) => {
    given += part;
  });
  request.on("end", () => {
    const isStream = given.includes('"stream":true');
    response.writeHead(200, {
      "content-type": isStream ? "text/event-stream" : "application/json",
    });
    response.end(isStream ? stream : body);
  });
});
if (parentPort !== null) {
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
}
