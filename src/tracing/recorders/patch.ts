/** Methods that stand in for others while somebody wants them. */
type Method = (this: unknown, ...args: unknown[]) => unknown;

export type Wrapped = (original: Method, self: unknown, args: readonly unknown[]) => unknown;

const PATCHED = Symbol.for("assay.patched");

interface PatchedMethod extends Method {
  [PATCHED]?: Wrapped;
}

/**
 * Puts `wrapped` around a method of a prototype or of one object, once, however often it is asked for.
 *
 * @returns Whether there is such a method.
 */
export function patchMethod(owner: object, name: string, wrapped: Wrapped): boolean {
  const original = (owner as { [name: string]: unknown })[name] as PatchedMethod | undefined;
  if (typeof original !== "function") return false;
  // An object whose class is patched too gets its own: that of the class may be switched off.
  if (original[PATCHED] !== undefined && Object.hasOwn(owner, name)) return true;
  const patched: PatchedMethod = function (this: unknown, ...args: unknown[]) {
    return wrapped(original, this, args);
  };
  patched[PATCHED] = wrapped;
  Object.defineProperty(patched, "name", { value: original.name });
  Object.defineProperty(owner, name, {
    value: patched,
    writable: true,
    configurable: true,
    enumerable: false,
  });
  return true;
}
