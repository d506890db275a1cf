import type { Aggregation, JsonObject, ScorerInput } from "../core/index.ts";
import type { ChatParameters } from "../models/index.ts";
import type { WorkedExample } from "./checks.ts";
import type { JudgeModel } from "./judge-model.ts";
import type { Procedure } from "./procedure.ts";
import type { ReplyForm, VerdictValue } from "./reply-form.ts";
import type { Segment } from "./template.ts";
import type { VerdictShape } from "./verdict-shape.ts";

/** Where the text of one placeholder comes from. */
export interface Slot {
  readonly read: (sample: ScorerInput) => string | undefined;
  /** Called when a text that is needed is absent: why the row is not judged, or a thrown error. */
  readonly absent?: (sample: ScorerInput) => string;
}

/** How a judge's verdict is found, whichever way the judge was written. */
export interface ScoringOptions {
  /**
   * `single`: one call that explains and then grades. `logprobs`: one call for the grade alone, whose
   * probabilities are weighted over the scale; where less than `minMass` of them is on grades, the call is
   * followed by a single one. Default `single`.
   */
  readonly scoring?: "single" | "logprobs";
  /** In [0, 1]; default 0.8. */
  readonly minMass?: number;
  /**
   * How often the same is asked for one verdict: the mean on a scale, the majority of labels. The votes are
   * kept as parts. Default 1; more of them are asked at temperature 1 unless parameters are given.
   */
  readonly samples?: number;
}

/** How a judge's model is reached. */
export interface CallOptions {
  /** Rows that this judge judges at once at most; default: what the evaluation allows. */
  readonly maxWorkers?: number;
  /** Sent with every request to a model that is named by a URI. */
  readonly extraHeaders?: { readonly [name: string]: string };
  /** The full address that its requests are posted to instead of the provider's. */
  readonly proxyUrl?: string;
}

/** A judge in full, whichever way it was written. */
export interface JudgeSpec extends ScoringOptions, CallOptions {
  readonly name: string;
  readonly version?: string;
  readonly template: readonly Segment[];
  /** By the template's variable. */
  readonly slots: ReadonlyMap<string, Slot>;
  readonly shape: VerdictShape;
  /** How a verdict is asked for and read; default: by the shape. */
  readonly form?: ReplyForm<VerdictValue>;
  readonly model?: JudgeModel;
  /** Default: temperature 0, or 1 where several samples are asked for. */
  readonly parameters?: ChatParameters;
  readonly aggregations?: readonly Aggregation[];
  readonly greaterIsBetter: boolean;
  readonly metadata?: JsonObject;
  /** What the template shows of graded rows; calibration leaves such rows out. */
  readonly examples?: readonly WorkedExample[];
  /** How a row becomes questions, where it is not one. */
  readonly procedure?: Procedure;
}
