import { toJsonValue } from "../../core/index.ts";
import { ATTRIBUTES } from "../../otlp/index.ts";
import type { Answer } from "../recorders/answer.ts";
import { parameterRecord } from "../recorders/parameters.ts";
import { list, members, text } from "../recorders/parts.ts";
import type { CallShape } from "../recorders/record-call.ts";

const nothing = { add: () => undefined, answer: (): Answer => ({}) };

/** Of vectors only how many and how long they are is recorded. */
export const embeddings: CallShape = {
  operation: "embeddings",
  type: "EMBEDDING",
  request: (body, withContent) => ({
    ...parameterRecord(body),
    ...(withContent && { [ATTRIBUTES.input]: toJsonValue(body.input) }),
  }),
  answer: (response): Answer => {
    const { id, data, model, usage } = members(response);
    const vectors = list(data).map((one) => members(one).embedding);
    const [first] = vectors;
    const dimensions = Array.isArray(first) ? first.length : undefined;
    const { prompt_tokens } = members(usage);
    return {
      id: text(id),
      model: text(model),
      tokens: { input: typeof prompt_tokens === "number" ? prompt_tokens : undefined },
      outputs: {
        count: vectors.length,
        ...(dimensions !== undefined && { dimensions }),
      },
    };
  },
  accumulator: () => nothing,
};

/** Whether texts may be said, and why not. */
export const moderations: CallShape = {
  operation: "moderation",
  type: "UNKNOWN",
  request: (body, withContent) =>
    withContent ? { [ATTRIBUTES.input]: toJsonValue(body.input) } : {},
  answer: (response): Answer => {
    const { id, model, results } = members(response);
    const verdicts = list(results)
      .map(members)
      .map(({ flagged, categories }) => ({
        flagged: flagged === true,
        categories: Object.entries(members(categories)).flatMap(([name, is]) =>
          is === true ? name : [],
        ),
      }));
    return { id: text(id), model: text(model), outputs: verdicts };
  },
  accumulator: () => nothing,
};
