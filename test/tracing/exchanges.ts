// Written by hand after the providers' documentation, for what no recording shows; nothing here was
// answered by a model.
import type { Exchange } from "../support/replay-server.ts";

const sse = (events: readonly unknown[]) =>
  events.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}`);

const named = (events: readonly { readonly type: string }[]) =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}`);

const MESSAGES = [{ role: "user", content: "Count to five" }];

const CHAT_REQUEST = {
  path: "/v1/chat/completions",
  body: { model: "gpt-test", messages: MESSAGES, temperature: 0, api_key: "not recorded" },
};

const json = (id: string, endpoint: string, body: unknown, status = 200): Exchange => ({
  id,
  endpoint,
  request: endpoint === "messages" ? MESSAGES_REQUEST : CHAT_REQUEST,
  response: { status, body: JSON.stringify(body) },
});

const MESSAGES_REQUEST = {
  path: "/v1/messages",
  body: { model: "claude-test", max_tokens: 100, messages: MESSAGES },
};

export const chat = json("chat", "chat.completions", {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "gpt-test-2026",
  choices: [
    { index: 0, message: { role: "assistant", content: "1 2 3 4 5" }, finish_reason: "stop" },
  ],
  usage: {
    prompt_tokens: 11,
    completion_tokens: 9,
    total_tokens: 20,
    prompt_tokens_details: { cached_tokens: 4 },
    completion_tokens_details: { reasoning_tokens: 2 },
  },
});

const streamed = (id: string, endpoint: string, events: readonly string[]): Exchange => {
  const request = endpoint === "messages" ? MESSAGES_REQUEST : CHAT_REQUEST;
  return {
    id,
    endpoint,
    tags: ["stream"],
    request: { ...request, body: { ...request.body, stream: true } },
    response: { status: 200, body: `${events.join("\n\n")}\n\n` },
  };
};

const chunk = (choice: object, more: object = {}) => ({
  id: "chatcmpl-2",
  object: "chat.completion.chunk",
  created: 1,
  model: "gpt-test-2026",
  choices: [{ index: 0, finish_reason: null, ...choice }],
  ...more,
});

const usage = { prompt_tokens: 11, completion_tokens: 9, total_tokens: 20 };

export const chatStream = streamed(
  "chat-stream",
  "chat.completions",
  sse([
    chunk({ delta: { role: "assistant", content: "" } }),
    ...["1", " 2", " 3", " 4", " 5"].map((content) => chunk({ delta: { content } })),
    chunk({ delta: {}, finish_reason: "stop" }),
    chunk({}, { choices: [], usage }),
    "[DONE]",
  ]),
);

/** Two answers at once, each with two calls of tools, in turns. */
export const interleaved = streamed(
  "interleaved",
  "chat.completions",
  sse([
    ...[0, 1].flatMap((index) => [
      chunk({ index, delta: { role: "assistant", content: `choice ${index}: ` } }),
    ]),
    ...[0, 1].flatMap((tool) =>
      [0, 1].map((index) =>
        chunk({
          index,
          delta: {
            tool_calls: [
              {
                index: tool,
                id: `call-${index}-${tool}`,
                type: "function",
                function: { name: `tool${tool}`, arguments: "" },
              },
            ],
          },
        }),
      ),
    ),
    ...['{"x"', ":1}"].flatMap((piece) =>
      [1, 0].flatMap((tool) =>
        [1, 0].map((index) =>
          chunk({
            index,
            delta: { tool_calls: [{ index: tool, function: { arguments: piece } }] },
          }),
        ),
      ),
    ),
    ...[0, 1].map((index) => chunk({ index, delta: {}, finish_reason: "tool_calls" })),
    "[DONE]",
  ]),
);

/** Groq's and OpenRouter's way to fail in the middle. */
export const failingStream = streamed(
  "failing-stream",
  "chat.completions",
  sse([
    chunk({ delta: { role: "assistant", content: "1 2" } }),
    { error: { message: "overloaded", type: "server_error", code: "overloaded" } },
  ]),
);

const response = (status: string, more: object = {}) => ({
  id: "resp_1",
  object: "response",
  created_at: 1,
  model: "gpt-test-2026",
  status,
  output: [],
  ...more,
});

const part = { type: "output_text", text: "1 2", annotations: [] };
const item = { type: "message", id: "msg_1", role: "assistant", status: "completed" };

const responsesEvents = (end: object) =>
  named([
    { type: "response.created", response: response("in_progress") } as { type: string },
    {
      type: "response.output_item.added",
      output_index: 0,
      item: { ...item, content: [] },
    } as { type: string },
    ...["1", " 2"].map(
      (delta) =>
        ({
          type: "response.output_text.delta",
          item_id: "msg_1",
          output_index: 0,
          content_index: 0,
          delta,
        }) as { type: string },
    ),
    end as { type: string },
  ]);

const responsesStream = (id: string, end: object): Exchange => ({
  ...streamed(id, "responses", responsesEvents(end)),
  request: {
    path: "/v1/responses",
    body: {
      model: "gpt-test",
      input: "Count",
      instructions: "Be brief",
      prompt: { id: "pmpt_1", version: "2" },
      stream: true,
    },
  },
});

const responsesUsage = {
  input_tokens: 5,
  output_tokens: 3,
  total_tokens: 8,
  input_tokens_details: { cached_tokens: 1 },
  output_tokens_details: { reasoning_tokens: 0 },
};

export const responseIncomplete = responsesStream("response-incomplete", {
  type: "response.incomplete",
  response: response("incomplete", {
    output: [{ ...item, content: [part] }],
    incomplete_details: { reason: "max_output_tokens" },
    usage: responsesUsage,
  }),
});

export const responseFailed = responsesStream("response-failed", {
  type: "response.failed",
  response: response("failed", {
    output: [{ ...item, content: [part] }],
    error: { code: "server_error", message: "broke" },
    usage: null,
  }),
});

const anthropicEvents = [
  {
    type: "message_start",
    message: {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-test-2026",
      content: [],
      stop_reason: null,
      usage: {
        input_tokens: 10,
        output_tokens: 1,
        cache_read_input_tokens: 100,
        cache_creation_input_tokens: 20,
      },
    },
  },
  { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "hm" } },
  { type: "content_block_stop", index: 0 },
  { type: "content_block_start", index: 1, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "1 2" } },
  { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: " 3" } },
  { type: "content_block_stop", index: 1 },
  {
    type: "content_block_start",
    index: 2,
    content_block: { type: "tool_use", id: "toolu_1", name: "count", input: {} },
  },
  {
    type: "content_block_delta",
    index: 2,
    delta: { type: "input_json_delta", partial_json: '{"to"' },
  },
  {
    type: "content_block_delta",
    index: 2,
    delta: { type: "input_json_delta", partial_json: ":5}" },
  },
  { type: "content_block_stop", index: 2 },
  {
    type: "message_delta",
    delta: { stop_reason: "tool_use", stop_sequence: null },
    usage: { output_tokens: 25 },
  },
  { type: "message_stop" },
];

export const anthropicStream = streamed("anthropic-stream", "messages", named(anthropicEvents));

/** The API's way to fail in the middle. */
export const anthropicOverloaded = streamed("anthropic-overloaded", "messages", [
  ...named(anthropicEvents.slice(0, 6)),
  `event: error\ndata: ${JSON.stringify({
    type: "error",
    error: { type: "overloaded_error", message: "Overloaded" },
  })}`,
]);

export const anthropicMessage = json("anthropic-message", "messages", {
  id: "msg_2",
  type: "message",
  role: "assistant",
  model: "claude-test-2026",
  content: [{ type: "text", text: "five" }],
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: {
    input_tokens: 1,
    cache_read_input_tokens: 2750,
    cache_creation_input_tokens: 318,
    output_tokens: 4,
  },
});

const refusal = (message: string, code: string | null) => ({
  error: { message, type: "invalid_request_error", param: null, code },
});

export const unauthorized = json(
  "unauthorized",
  "chat.completions",
  refusal("Incorrect API key provided", "invalid_api_key"),
  401,
);

export const rateLimited: Exchange = {
  ...json("rate-limited", "chat.completions", refusal("Too many", "rate_limit_exceeded"), 429),
  response: {
    status: 429,
    headers: { "retry-after": "0" },
    body: JSON.stringify(refusal("Too many", "rate_limit_exceeded")),
  },
};

export const anthropicBusy: Exchange = {
  ...json("anthropic-busy", "messages", {}, 529),
  response: {
    status: 529,
    headers: { "retry-after": "0" },
    body: JSON.stringify({
      type: "error",
      error: { type: "overloaded_error", message: "Overloaded" },
    }),
  },
};
