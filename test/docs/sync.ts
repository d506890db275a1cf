import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const EXAMPLES = fileURLToPath(new URL("../examples/", import.meta.url));
const MARK = /<!-- example: (\S+)#(\S+) -->\n```(\w+)\n([\s\S]*?)```/g;

export interface Example {
  readonly file: string;
  readonly region: string;
  /** What stands in the document between the fences. */
  readonly shown: string;
  /** What the example file has. */
  readonly actual: string;
}

/** The examples that a document shows, beside the regions of the files they come from. */
export function examplesIn(markdown: string): Example[] {
  return [...markdown.matchAll(MARK)].map(([, file, region, , shown]) => ({
    file: file as string,
    region: region as string,
    shown: shown as string,
    actual: regionOf(file as string, region as string),
  }));
}

/** `markdown` with every example as its file has it now. */
export function withCurrentExamples(markdown: string): string {
  return markdown.replace(
    MARK,
    (_, file: string, region: string, language: string) =>
      `<!-- example: ${file}#${region} -->\n\`\`\`${language}\n${regionOf(file, region)}\`\`\``,
  );
}

function regionOf(file: string, region: string): string {
  const text = readFileSync(`${EXAMPLES}${file}`, "utf8");
  const found = new RegExp(`// #region ${region}\n([\\s\\S]*?)// #endregion ${region}`).exec(text);
  if (found === null) throw new Error(`${file} has no region ${region}`);
  return found[1] as string;
}
