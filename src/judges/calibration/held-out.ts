import { digestOf, type JsonValue, type ScorerInput } from "../../core/index.ts";
import { answerText, jsonText, rowText } from "../row-texts.ts";

/** What identifies a worked example among labelled rows: the texts of its input, if it shows one, and output. */
export function exampleDigest({
  texts,
}: {
  readonly texts: { readonly [name: string]: JsonValue };
}): string {
  const { inputs, outputs } = texts;
  return digest(inputs === undefined ? undefined : jsonText(inputs), jsonText(outputs ?? null));
}

/** Whether the judge is shown this row as an example; `tunedOn` are its examples' digests. */
export function isExample(sample: ScorerInput, tunedOn: readonly string[]): boolean {
  if (tunedOn.length === 0) return false;
  const outputs = answerText(sample);
  const texts = [undefined, rowText(sample, "inputs"), jsonText(sample.inputs)];
  return texts.some((inputs) => tunedOn.includes(digest(inputs, outputs)));
}

function digest(inputs: string | undefined, outputs: string): string {
  return digestOf({ inputs: inputs ?? null, outputs });
}
