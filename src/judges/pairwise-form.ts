import { isPlainObject } from "../core/index.ts";
import { parseLenientJson } from "./embedded-json.ts";
import type { ParsedReply } from "./parse-verdict.ts";
import { type ReplyForm, type VerdictValue, verdictForm } from "./reply-form.ts";
import { labelShape, type VerdictShape } from "./verdict-shape.ts";

/** What the first answer, an even pair and the second answer are called. */
export interface PairLabels {
  readonly first: string;
  readonly second: string;
  /** Absent where the judge has to choose. */
  readonly tie?: string;
}

/** The worth of each label from the point of view of the answer that is shown first. */
export function pairShape({ first, second, tie }: PairLabels): VerdictShape {
  return labelShape({ [first]: 1, ...(tie !== undefined && { [tie]: 0.5 }), [second]: 0 });
}

/**
 * A preference: the label as any verdict, or a ranking of the two, a list of objects with `rank`, in JSON or
 * as Python prints it.
 */
export function pairwiseForm(labels: PairLabels): ReplyForm<VerdictValue> {
  const shape = pairShape(labels);
  const form = verdictForm(shape);
  return {
    ...form,
    parse: (reply, judged) => parseRanking(reply, labels) ?? form.parse(reply, judged),
  };
}

interface Ranked {
  readonly rank: number;
  readonly name: string;
}

/** `undefined` for a reply that is no ranking of these two. */
function parseRanking(
  reply: string,
  { first, second }: PairLabels,
): ParsedReply<VerdictValue> | undefined {
  const list = listIn(reply);
  const ranked = (list ?? []).flatMap((entry): Ranked[] => {
    if (!isPlainObject(entry)) return [];
    const rank = Number(entry.rank);
    const name = Object.values(entry).find((value) => value === first || value === second);
    return Number.isFinite(rank) && typeof name === "string" ? [{ rank, name }] : [];
  });
  const [one, two] = ranked;
  if (ranked.length !== 2 || one === undefined || two === undefined || one.name === two.name) {
    return undefined;
  }
  if (one.rank === two.rank) return { ok: true, value: 0.5 };
  const best = one.rank < two.rank ? one : two;
  return { ok: true, value: best.name === first ? 1 : 0 };
}

/** The last bracketed list of a reply. Python quotes texts by apostrophes, which JSON does not know. */
function listIn(reply: string): readonly unknown[] | undefined {
  const start = reply.lastIndexOf("[");
  const end = reply.indexOf("]", start);
  if (start === -1 || end === -1) return undefined;
  const text = reply.slice(start, end + 1);
  const python = text.replace(/'((?:[^'\\\n]|\\.)*)'/g, (_, inner: string) =>
    JSON.stringify(inner),
  );
  const value = parseLenientJson(text) ?? parseLenientJson(python);
  return Array.isArray(value) ? value : undefined;
}
