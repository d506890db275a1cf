import { type JsonObject, withoutAbsent } from "../core/index.ts";
import type { ScoringEndpoint, ScoringRequest } from "../models/index.ts";
import type { EvaluateOptions } from "./options.ts";
import type { Predictor } from "./predictor.ts";
import { renderPrompt } from "./prompt.ts";

/** An endpoint that takes rows; with a prompt, it gets the text of it as the sole input. */
export function endpointPredictor(
  endpoint: ScoringEndpoint,
  { prompt, parameters }: EvaluateOptions,
): Predictor {
  return {
    name: endpoint.shown,
    notes: [],
    check: (row) => void (prompt !== undefined && renderPrompt(prompt, row)),
    predict: async (row, { signal }) => {
      const inputs: JsonObject =
        prompt === undefined ? row.inputs : { prompt: renderPrompt(prompt, row) };
      const request = withoutAbsent<ScoringRequest>({ inputs, parameters, signal });
      return { outputs: await endpoint.predict(request) };
    },
  };
}
