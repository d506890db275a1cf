import { type Block, parseBlocks } from "../../core/index.ts";
import type { ChatMessage } from "../chat-model.ts";

/** A question and what there is to read, as found in a conversation of any shape. */
interface ReadingTask {
  readonly question: string;
  readonly passages: string;
}

const QUESTION_BLOCKS = ["inputs", "input", "question", "query"];
const QUESTION_LINE = /^[ \t]*(?:user )?(?:question|query)[ \t]*:[ \t]*(.*)$/gim;
const CONTEXT_LINE =
  /^[ \t>#*]*(?:the )?(?:retrieved )?(?:context|documents?|passages?|sources?)\b[^\n:]{0,40}:\**[ \t]*/im;
const ANSWER_LINE = /^[ \t]*(?:helpful )?answer[ \t]*:[ \t]*$/gim;

/**
 * The question is a block named so, else what follows the last "Question:", else the last sentence
 * with a question mark, else the last line. The passages are the other blocks, else what follows a
 * "Context:" line, else everything that is not the question.
 */
export function readingTask(messages: readonly ChatMessage[]): ReadingTask {
  const whole = messages.map(({ content }) => content).join("\n\n");
  const blocks = parseBlocks(whole);
  const asked = blocks.findLast(({ name }) => QUESTION_BLOCKS.includes(name));
  if (asked !== undefined) {
    const others = blocks.filter((block) => block !== asked);
    return { question: asked.text, passages: textOf(others) };
  }
  const said = messages.filter(({ role }) => role !== "system").map(({ content }) => content);
  const question = findQuestion(said.join("\n\n") || whole);
  const rest = whole.replace(question, " ").replace(ANSWER_LINE, "");
  const context = CONTEXT_LINE.exec(rest);
  const passages = context === null ? rest : rest.slice(context.index + context[0].length);
  return { question, passages: passages.replace(/^[ \t]*(?:question|query)[ \t]*:[ \t]*$/gim, "") };
}

function findQuestion(text: string): string {
  const labelled = [...text.matchAll(QUESTION_LINE)].at(-1);
  if (labelled?.[1]?.trim()) return labelled[1].trim();
  const asking = text.match(/[^\n.!?]*(?:\.\d[^\n.!?]*)*\?/g);
  if (asking !== null) return (asking.at(-1) as string).trim();
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return (lines.at(-1) ?? "").trim();
}

function textOf(blocks: readonly Block[]): string {
  return blocks.map(({ text }) => text).join("\n\n");
}
