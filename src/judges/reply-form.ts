import type { JsonObject } from "../core/index.ts";
import { type ParsedReply, parseVerdict } from "./parse-verdict.ts";
import {
  describeShape,
  replyInstruction,
  replySchema,
  type VerdictShape,
} from "./verdict-shape.ts";

/** What a judge is asked to reply: one description drives prompt, schema and parser. */
export interface ReplyForm<Value> {
  /** What a reply must hold, as a phrase: `a whole number from 1 to 5`. */
  readonly description: string;
  /** The last lines of the prompt. */
  readonly instruction: string;
  readonly schema: JsonObject;
  /** @param judged - What was judged, so that a quotation of it is known for one. */
  readonly parse: (reply: string, judged: readonly string[]) => ParsedReply<Value>;
}

export type VerdictValue = number | string | boolean;

export function verdictForm(shape: VerdictShape): ReplyForm<VerdictValue> {
  return {
    description: describeShape(shape),
    instruction: replyInstruction(shape),
    schema: replySchema(shape),
    parse: (reply, judged) => parseVerdict(reply, shape, judged),
  };
}
