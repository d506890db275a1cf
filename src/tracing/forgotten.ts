const registry = new FinalizationRegistry<() => void>((end) => end());

/**
 * Runs `end` once nobody can reach `object` any more: a stream that is never read, or left in the middle,
 * ends in no other way. `end` must not lead to `object`.
 *
 * @returns Takes it back, once the object has ended by itself.
 */
export function whenForgotten(object: WeakKey, end: () => void): () => void {
  const token = {};
  registry.register(object, end, token);
  return () => void registry.unregister(token);
}
