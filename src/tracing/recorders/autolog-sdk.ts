import { AssayError } from "../../core/index.ts";
import { loadCopies, type ProgramModule } from "../load-copies.ts";

/** Switches the tracing of every client of an SDK on and off. */
export interface SdkAutolog {
  /** @throws {AssayError} `configuration` when the SDK is not installed, or is one that is not known. */
  readonly autolog: () => Promise<void>;
  /** Calls that have begun are recorded to their end. */
  readonly stopAutolog: () => void;
  /** Instruments what a class or a module of the SDK has; for `register`, which hears of each that is loaded. */
  readonly install: (module: object) => number;
  /** Records from now on what is instrumented. */
  readonly switchOn: () => void;
}

/**
 * @param wanted - The SDK.
 * @param classesOf - What to instrument of a module of the SDK.
 * @param instrument - Returns how many kinds of calls it found.
 */
export function sdkAutolog(
  wanted: ProgramModule,
  classesOf: (module: object) => object | undefined,
  instrument: (sdk: object, isOn: () => boolean) => number,
): SdkAutolog {
  let isSwitchedOn = false;
  const isOn = () => isSwitchedOn;
  const install = (loaded: object) => {
    const sdk = classesOf(loaded);
    return sdk === undefined ? 0 : instrument(sdk, isOn);
  };
  return {
    switchOn: () => {
      isSwitchedOn = true;
    },
    install,
    autolog: async () => {
      const copies = await loadCopies<object>(wanted);
      const found = copies.reduce((sum, { module }) => sum + install(module), 0);
      if (found === 0) {
        throw new AssayError(
          "configuration",
          `The installed ${wanted.packageName} has none of the calls that Assay traces. Update Assay, or report the version: npm ls ${wanted.packageName}`,
        );
      }
      isSwitchedOn = true;
    },
    stopAutolog: () => {
      isSwitchedOn = false;
    },
  };
}
