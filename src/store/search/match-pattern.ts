import { type Pattern, parsePattern, type Range, WORD } from "./pattern.ts";

type Assertion = Extract<Pattern, { readonly kind: "assertion" }>["at"];

type State =
  | { readonly kind: "character"; readonly ranges: readonly Range[]; readonly next: number }
  | { readonly kind: "assertion"; readonly at: Assertion; readonly next: number }
  /** Goes on at all of these at once. */
  | { readonly kind: "split"; readonly next: readonly number[] }
  | { readonly kind: "match" };

/** Before the beginning and behind the end. */
const NOTHING = -1;

/**
 * A function that tells whether the pattern matches somewhere in a text. It follows all ways at once
 * (Thompson's construction), so it takes time by length times size of the pattern and never longer.
 *
 * @throws {PatternError} see {@link parsePattern}.
 */
export function patternMatcher(pattern: string): (text: string) => boolean {
  const states: State[] = [{ kind: "match" }];
  const start = build(states, parsePattern(pattern), 0);
  return (text) => matches(states, start, text);
}

/** Adds the states of a pattern that go on at `next`; the number of the first. */
function build(states: State[], pattern: Pattern, next: number): number {
  const add = (state: State) => states.push(state) - 1;
  switch (pattern.kind) {
    case "character":
    case "assertion":
      return add({ ...pattern, next });
    case "sequence":
      return pattern.parts.reduceRight((after, part) => build(states, part, after), next);
    case "choice":
      return add({ kind: "split", next: pattern.parts.map((part) => build(states, part, next)) });
    case "repeat": {
      const { part, min, max } = pattern;
      let first = next;
      if (max === Number.POSITIVE_INFINITY) {
        const again: number[] = [next];
        first = add({ kind: "split", next: again });
        again.push(build(states, part, first));
      } else {
        for (let optional = max - min; optional > 0; optional--) {
          first = add({ kind: "split", next: [next, build(states, part, first)] });
        }
      }
      for (let times = min; times > 0; times--) first = build(states, part, first);
      return first;
    }
  }
}

function matches(states: readonly State[], start: number, text: string): boolean {
  // The position at which a state was reached last: each is followed once per position.
  const reachedAt = new Int32Array(states.length).fill(-1);
  let waiting: number[] = [];
  let before = NOTHING;
  for (let index = 0; ; ) {
    const code = text.codePointAt(index) ?? NOTHING;
    const open = [start, ...waiting];
    waiting = [];
    for (let number = open.pop(); number !== undefined; number = open.pop()) {
      if (reachedAt[number] === index) continue;
      reachedAt[number] = index;
      const state = states[number] as State;
      if (state.kind === "match") return true;
      if (state.kind === "split") open.push(...state.next);
      else if (state.kind === "assertion") {
        if (holds(state.at, before, code)) open.push(state.next);
      } else if (isIn(state.ranges, code)) waiting.push(state.next);
    }
    if (code === NOTHING) return false;
    index += code > 0xffff ? 2 : 1;
    before = code;
  }
}

function holds(at: Assertion, before: number, code: number): boolean {
  switch (at) {
    case "start":
      return before === NOTHING;
    case "end":
      return code === NOTHING;
    default:
      return (isIn(WORD, before) !== isIn(WORD, code)) === (at === "boundary");
  }
}

function isIn(ranges: readonly Range[], code: number): boolean {
  for (const [from, to] of ranges) if (code <= to) return code >= from;
  return false;
}
