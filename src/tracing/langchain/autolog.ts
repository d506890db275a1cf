import { createRequire } from "node:module";
import { isAssayError } from "../../core/index.ts";
import { type Copy, copyOf, loadCopies } from "../load-copies.ts";
import { type LoadTarget, onLoad } from "../load-hooks.ts";
import { setDirectTracer } from "./direct-events.ts";
import { LangChainTracer } from "./handler.ts";
import { patchClasses } from "./patch-classes.ts";

const tracer = new LangChainTracer();
let isOn = false;
/** How many evaluations are running that want LangChain traced meanwhile. */
let evaluations = 0;
/** While evaluations run that began before the program had loaded LangChain. */
let stopListening: (() => void) | undefined;
let installation: Promise<readonly Copy<ManagerModule>[]> | undefined;

const isTracing = () => isOn || evaluations > 0;

setDirectTracer(() => (isTracing() ? tracer : undefined));

/** The handler itself, for `callbacks: [langchainTracer()]` where a single chain should be traced. */
export function langchainTracer(): LangChainTracer {
  return tracer;
}

/**
 * Traces every LangChain run of the process from now on, without a `callbacks` entry.
 *
 * @throws {AssayError} `configuration` when `@langchain/core` is not installed.
 */
export async function autolog(): Promise<void> {
  for (const copy of await installed()) patchClasses(copy, isTracing);
  isOn = true;
}

/** Traces LangChain while `work` runs, be it loaded before or meanwhile. */
export async function withAutolog<T>(work: () => Promise<T>): Promise<T> {
  evaluations += 1;
  try {
    // To load it takes a quarter of a second, which a program that does not use it need not spend.
    if (isLoaded()) await installWhereThere();
    else stopListening ??= onLoad([CALLBACK_MANAGER]);
    return await work();
  } finally {
    evaluations -= 1;
    if (evaluations === 0) {
      stopListening?.();
      stopListening = undefined;
    }
  }
}

/** Whether the program has loaded any copy: all of version 1 leave this behind. */
const isLoaded = () => "lc_block_translators_registry" in globalThis;

async function installWhereThere(): Promise<void> {
  try {
    await installed();
  } catch (error) {
    if (!isAssayError(error, "configuration")) throw error;
  }
}

async function installed(): Promise<readonly Copy<ManagerModule>[]> {
  installation ??= install();
  try {
    return await installation;
  } catch (error) {
    installation = undefined;
    throw error;
  }
}

/** Ends what {@link autolog} began; runs that have begun are recorded to their end. */
export function stopAutolog(): void {
  isOn = false;
}

interface CallbackManager {
  readonly handlers: readonly unknown[];
  copy(additionalHandlers: readonly unknown[], inherit: boolean): CallbackManager;
}

type Callbacks = readonly unknown[] | CallbackManager | null | undefined;

interface ManagerModule {
  readonly CallbackManager: {
    _configureSync(inheritable: Callbacks, ...rest: unknown[]): CallbackManager | undefined;
  };
}

/**
 * Adds the tracer where LangChain configures the callbacks of every run. Its own hook for that,
 * `registerConfigureHook`, holds only in the asynchronous context that registered it.
 */
async function install(): Promise<readonly Copy<ManagerModule>[]> {
  const copies = await loadCopies<ManagerModule>(MODULE);
  for (const copy of copies) installInto(copy);
  return copies;
}

const installedIn = new WeakSet<object>();

function installInto(copy: Copy<ManagerModule>): void {
  const { CallbackManager: manager } = copy.module;
  if (installedIn.has(manager)) return;
  installedIn.add(manager);
  const configure = manager._configureSync;
  manager._configureSync = function (inheritable, ...rest) {
    const isTraced = isTracing();
    // Now the copy is used, so that its classes are loaded already.
    if (isTraced) patchClasses(copy, isTracing);
    return configure.call(this, isTraced ? withTracer(inheritable) : inheritable, ...rest);
  };
}

/** The class that LangChain's runs pass through, of each copy when it is loaded. */
export const CALLBACK_MANAGER: LoadTarget = {
  file: /\/node_modules\/@langchain\/core\/dist\/callbacks\/manager\.c?js$/,
  className: "CallbackManager",
  found: installLangChain,
};

function installLangChain(manager: object, url: string): void {
  const kind = url.endsWith(".cjs") ? "CommonJS" : "ES module";
  installInto(copyOf({ CallbackManager: manager } as ManagerModule, createRequire(url), kind));
}

export function switchOnLangChain(): void {
  isOn = true;
}

function withTracer(callbacks: Callbacks): Callbacks {
  if (callbacks === undefined || callbacks === null) return [tracer];
  const handlers = "handlers" in callbacks ? callbacks.handlers : callbacks;
  if (handlers.includes(tracer)) return callbacks;
  // A manager knows its parent run, so it must stay one.
  return "copy" in callbacks ? callbacks.copy([tracer], true) : [...handlers, tracer];
}

const MODULE = {
  specifier: "@langchain/core/callbacks/manager",
  packageName: "@langchain/core",
  title: "LangChain",
};
