import { AssayError, isPlainObject } from "../core/index.ts";
import type { EvaluateOptions, Model } from "./options.ts";
import { isRunnable } from "./predictor.ts";

/** Several models: in order, or by the name they are shown under. */
export type Models = readonly Model[] | { readonly [name: string]: Model };

/** Several prompts, likewise. */
export type Prompts = readonly string[] | { readonly [name: string]: string };

/** Options of an evaluation of several models, prompts, or both: every one with every other. */
export interface MatrixOptions
  extends Omit<EvaluateOptions, "model" | "predictFn" | "prompt" | "resume"> {
  readonly model?: Model | Models;
  /** MLflow 3's name of `model`. */
  readonly predictFn?: Model | Models;
  readonly prompt?: string | Prompts;
  /** Goes on with the cells of a parent run: the one named, or the latest of this name that came to no end. */
  readonly resume?: boolean | string;
  /** Whether the gates have to hold in every cell, the default, or in one at least. */
  readonly gateCells?: "every" | "some";
}

/** One model with one prompt, by the names they go by; absent where there is only one. */
export interface Cell {
  readonly model?: string;
  readonly prompt?: string;
}

/** A cell as the evaluation it is. */
interface CellOptions {
  readonly cell: Cell;
  readonly options: EvaluateOptions;
}

/** Whether the options ask for several evaluations. */
export function isMatrix(options: EvaluateOptions | MatrixOptions): options is MatrixOptions {
  const { model, predictFn, prompt } = options as MatrixOptions;
  const hasSeveral = (given: unknown) =>
    Array.isArray(given) || (isPlainObject(given) && !isRunnable(given));
  return [model, predictFn, prompt].some(hasSeveral);
}

/**
 * Every model with every prompt, models first.
 *
 * @throws {AssayError} `invalid-argument` for none, for names that are not distinct, and for prompts of a
 *   model that takes none.
 */
export function cellsOf(given: MatrixOptions): CellOptions[] {
  const { model, predictFn, prompt, gateCells, ...shared } = given;
  if (gateCells !== undefined && gateCells !== "every" && gateCells !== "some") {
    throw invalid(`Expected gateCells to be "every" or "some", got ${JSON.stringify(gateCells)}`);
  }
  if (model !== undefined && predictFn !== undefined) {
    throw invalid("Give either model or predictFn: they are one option");
  }
  const models = named<Model>("model", model ?? predictFn, nameOfModel, isRunnable);
  const prompts = named<string>("prompt", prompt, (_, index) => `prompt ${index + 1}`);
  return models.flatMap(([modelName, model]) =>
    prompts.map(([promptName, prompt]): CellOptions => {
      if (promptName !== undefined && typeof model !== "string") {
        throw invalid(`Several prompts are for model URIs; ${modelName ?? "the model"} takes none`);
      }
      return {
        cell: {
          ...(modelName !== undefined && { model: modelName }),
          ...(promptName !== undefined && { prompt: promptName }),
        },
        options: {
          ...shared,
          ...(model !== undefined && { model }),
          ...(prompt !== undefined && { prompt }),
        },
      };
    }),
  );
}

/** `gpt-4o, short`: what tells a cell from the others. */
export function cellName({ model, prompt }: Cell): string {
  return [model, prompt].filter((name) => name !== undefined).join(", ");
}

/** Each with its name; without a name where there is one and no choice. */
function named<T>(
  option: string,
  given: T | readonly T[] | { readonly [name: string]: T } | undefined,
  nameOf: (value: T, index: number) => string,
  isOne: (value: unknown) => boolean = () => false,
): (readonly [string | undefined, T | undefined])[] {
  const list = Array.isArray(given)
    ? (given as readonly T[]).map((value, index) => [nameOf(value, index), value] as const)
    : isPlainObject(given) && !isOne(given)
      ? Object.entries(given as { readonly [name: string]: T })
      : undefined;
  if (list === undefined) return [[undefined, given as T | undefined]];
  if (list.length === 0) throw invalid(`Expected ${option} to hold at least one, got none`);
  const names = list.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return [...list];
  throw invalid(`Two of ${option} are called ${twice}; give names: ${option}: { name: … }`);
}

function nameOfModel(model: Model, index: number): string {
  // What stands behind "?" tells no model from another, and may be long.
  if (typeof model === "string") return model.replace(/\?.*$/s, "");
  const name = isRunnable(model) ? model.getName?.() : model.name;
  return name || `model ${index + 1}`;
}

function invalid(message: string): AssayError {
  return new AssayError("invalid-argument", message);
}
