import { sha256 } from "./digest.ts";

/**
 * Texts that came from outside (a question, a model's answer, retrieved documents) stand in a judge's
 * prompt between delimiters that carry a nonce, so that judged text cannot close its own block and
 * speak as the judge's instructions.
 */
export interface Block {
  readonly name: string;
  readonly text: string;
}

/**
 * The nonce of a prompt: the first 16 hex digits of sha256 over the template's hash and the texts.
 * Deterministic, so that the same question to a judge is the same request and caches work.
 */
export function blockNonce(templateHash: string, texts: readonly string[]): string {
  return sha256([templateHash, ...texts.map(sha256)].join("\n")).slice(0, 16);
}

/** What looks like a delimiter, with whatever nonce. */
const DELIMITER = /<(?=\/?[a-z_]+-[0-9a-f]{16}>)/gi;

export function renderBlock(block: Block, nonce: string): string {
  // A text that guessed the nonce would still need it in full. Something is put in its place, because
  // what stands left and right of it could join to another one. With another nonce it closes nothing, but
  // a model may not compare sixteen digits.
  const text = block.text.replaceAll(nonce, "_").replace(DELIMITER, "‹");
  return `<${block.name}-${nonce}>\n${text}\n</${block.name}-${nonce}>`;
}

/** The outermost blocks of a prompt, in order. Text of a block that looks like another block stays text. */
export function parseBlocks(prompt: string): Block[] {
  const blocks: Block[] = [];
  const opening = /<([a-z_]+)-([0-9a-f]{16})>\n/g;
  for (let match = opening.exec(prompt); match !== null; match = opening.exec(prompt)) {
    const start = opening.lastIndex;
    const end = prompt.indexOf(`\n</${match[1]}-${match[2]}>`, start);
    if (end === -1) continue;
    blocks.push({ name: match[1] as string, text: prompt.slice(start, end) });
    opening.lastIndex = end;
  }
  return blocks;
}
