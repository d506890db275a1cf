import type { Scorer } from "../core/index.ts";
import { builtinFiles, findEntry, loadEntry } from "./judge-files.ts";
import { type JudgeFileOptions, judgeFromFile } from "./judge-from-file.ts";

export interface BuiltinJudgeOptions extends JudgeFileOptions {
  /** `v1`, `v2` …; default: the newest. */
  readonly version?: string;
}

export interface GuidelinesOptions extends Omit<BuiltinJudgeOptions, "settings"> {
  /** Rules that the answer has to keep, all of them. */
  readonly guidelines: string | readonly string[];
}

/** @throws {AssayError} `not-found` for a name or version that is not built in. */
export function builtinJudge(name: string, options: BuiltinJudgeOptions = {}): Scorer {
  const { version, ...others } = options;
  return judgeFromFile(loadEntry(findEntry(builtinFiles(), name, version)), others);
}

/** How alike the answer and the expected one are in meaning: 1 to 5. Needs outputs and `expected_response`. */
export function answerSimilarity(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("answer_similarity", options);
}

/** How correct the answer is, judged by the expected one: 1 to 5. Needs inputs, outputs and `expected_response`. */
export function answerCorrectness(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("answer_correctness", options);
}

/** How far the answer addresses the question: 1 to 5. Needs inputs and outputs. */
export function answerRelevance(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("answer_relevance", options);
}

/** How well the answer addresses the question: 1 to 5. Needs inputs and outputs; sees context where there is one. */
export function relevance(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("relevance", options);
}

/** How far the answer is supported by its context: 1 to 5. Needs outputs and context; sees inputs where there are any. */
export function faithfulness(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("faithfulness", options);
}

/** How far the answer says what was expected: 1 to 5. Needs inputs, outputs and `expected_response` or `expected_facts`. */
export function correctness(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("correctness", options);
}

/** Whether the answer is free of harm: yes (1) or no (0). Needs outputs. */
export function safety(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("safety", options);
}

/** Whether everything that was asked for is dealt with: yes (1) or no (0). Needs inputs and outputs. */
export function completeness(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("completeness", options);
}

/** Whether the answer reads well: yes (1) or no (0). Needs outputs. */
export function fluency(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("fluency", options);
}

/** Whether the answer is a faithful, covering and concise summary of the inputs: yes (1) or no (0). */
export function summarization(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("summarization", options);
}

/** Whether the answer means the same as the expected one: yes (1) or no (0); equal values are not asked about. */
export function equivalence(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("equivalence", options);
}

/** Whether the answer addresses the question at all: yes (1) or no (0). Needs inputs and outputs. */
export function relevanceToQuery(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("relevance_to_query", options);
}

/** Whether the answer keeps to the row's own `expectations.guidelines`: yes (1) or no (0). */
export function expectationsGuidelines(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("expectations_guidelines", options);
}

/** Whether what was retrieved supports the answer: yes (1) or no (0), over all retrievers and, as parts, each of them. */
export function retrievalGroundedness(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("retrieval_groundedness", options);
}

/** The share of retrieved documents that are relevant to the question; each document is a part. */
export function retrievalRelevance(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("retrieval_relevance", options);
}

/** Whether what was retrieved suffices for the expected answer: yes (1) or no (0), over all retrievers and each of them. */
export function retrievalSufficiency(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("retrieval_sufficiency", options);
}

/** Whether the right tools were called with the right arguments: yes (1) or no (0). Needs a trace; sees `expected_tool_calls`. */
export function toolCallCorrectness(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("tool_call_correctness", options);
}

/** Whether no tool call was needless: yes (1) or no (0). Needs a trace. */
export function toolCallEfficiency(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("tool_call_efficiency", options);
}

/** How frustrated the user is: none 0, resolved ½, unresolved 1. Needs a conversation. */
export function userFrustration(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("user_frustration", options);
}

/** Whether every request of the user was dealt with by the end: yes (1) or no (0). Needs a conversation. */
export function conversationCompleteness(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("conversation_completeness", options);
}

/** Whether the assistant stays free of harm in all its turns: yes (1) or no (0). Needs a conversation. */
export function conversationalSafety(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("conversational_safety", options);
}

/** Whether no tool call of a conversation was needless: yes (1) or no (0). Needs a conversation and a trace. */
export function conversationalToolCallEfficiency(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("conversational_tool_call_efficiency", options);
}

/** Whether the assistant keeps to its role: yes (1) or no (0). Needs a conversation; sees `expectations.role`. */
export function roleAdherence(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("role_adherence", options);
}

/** Whether the assistant remembers what the user said: yes (1) or no (0) per turn, the worst for the conversation. */
export function knowledgeRetention(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("knowledge_retention", options);
}

/** Whether the answer is toxic: yes (1) or no (0), lower being better. Needs outputs. */
export function toxicity(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("toxicity", options);
}

/** Whether the answer asserts what its context does not hold: yes (1) or no (0), lower being better. */
export function hallucination(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("hallucination", options);
}

/** The share of the answer's claims that its context supports; each claim is a part. Needs outputs and context. */
export function claimFaithfulness(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("claim_faithfulness", options);
}

/** Whether the answer is better than another one (`against`), in both orders: 1, 0, or ½ where the orders disagree. */
export function preference(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("preference", options);
}

/** Whether the answer keeps to all guidelines that apply to it: yes (1) or no (0). Needs inputs and outputs. */
export function guidelines({ guidelines: rules, ...options }: GuidelinesOptions): Scorer {
  return builtinJudge("guidelines", { ...options, settings: { guidelines: rules } });
}

/** Whether the assistant keeps to all guidelines in all its turns: yes (1) or no (0). Needs a conversation. */
export function conversationalGuidelines({
  guidelines: rules,
  ...options
}: GuidelinesOptions): Scorer {
  return builtinJudge("conversational_guidelines", { ...options, settings: { guidelines: rules } });
}
