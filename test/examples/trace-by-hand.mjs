// #region trace-by-hand
import { flushTraces, logFeedback, trace, updateCurrentTrace, withSpan } from "assay";

const faq = [{ id: "faq-7", page_content: "Refunds take 14 days." }];
const retrieve = trace(async (question) => faq.filter(() => question.includes("refund")), {
  name: "retrieve",
  type: "RETRIEVER",
});

const answer = trace(
  async function answer(question) {
    updateCurrentTrace({ sessionId: "chat-42", userId: "ann", tags: { channel: "web" } });
    const documents = await retrieve(question);
    const text = await withSpan(() => documents[0].page_content, { name: "compose" });
    await logFeedback({ name: "grounded", value: true });
    return text;
  },
  { type: "CHAIN" },
);

console.log(await answer("How long do refunds take?"));
await flushTraces();
// #endregion trace-by-hand
