import type { Field, Filter, SearchTarget, SpanField } from "./filter.ts";
import { takeTest } from "./parse-test.ts";
import { takeField } from "./resolve-field.ts";
import { close, closeInParentheses, type Draft, joinAnd, joinOr, openSpan } from "./span-scope.ts";
import { TokenCursor } from "./token-cursor.ts";

/** Of parentheses and NOTs within each other. */
const MAX_DEPTH = 100;

/** SQLite refuses expressions that are 1000 operators deep, and a comparison may take two. */
const MAX_COMPARISONS = 400;

/** Each reads four tables: SQLite takes minutes for hundreds of them on a few thousand traces. */
const MAX_ASSESSMENTS = 50;

/**
 * Parses MLflow's filter grammar, `<field> <operator> <value>` joined by AND, with OR, NOT and
 * parentheses added; NOT binds tighter than AND, AND tighter than OR.
 *
 * Keys with special characters stand in backticks or quotes, texts in single or double quotes with
 * inner quotes doubled. Keywords go in any case, fields in the case shown. `span-scope.ts` says which
 * comparisons of spans speak of the same one.
 *
 * @returns `undefined` for a blank text: everything matches.
 * @throws {AssayError} `invalid-argument` with the position, what was found and what was expected.
 */
export function parseFilter<Target extends SearchTarget>(
  target: Target,
  text: string | undefined,
): Filter<Target> | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const parser = new FilterParser(target, text);
  // Fields come from the vocabulary of `target`, which the compiler cannot follow through the parser.
  return parser.parse() as Filter as Filter<Target>;
}

class FilterParser {
  readonly #target: SearchTarget;
  readonly #cursor: TokenCursor;
  #depth = 0;
  #comparisons = 0;
  #assessments = 0;

  constructor(target: SearchTarget, text: string) {
    this.#target = target;
    this.#cursor = new TokenCursor({ name: "filter", text });
  }

  parse(): Filter {
    const filter = close(this.#alternatives());
    if (this.#cursor.current.kind === "end") return filter;
    throw this.#cursor.failure("AND, OR or the end of the filter");
  }

  #alternatives(): Draft {
    const drafts = [this.#chain()];
    while (this.#cursor.takeKeyword("OR")) drafts.push(this.#chain());
    return joinOr(drafts);
  }

  #chain(): Draft {
    const drafts = [this.#term()];
    while (this.#cursor.takeKeyword("AND")) drafts.push(this.#term());
    return joinAnd(drafts);
  }

  #term(): Draft {
    const start = this.#cursor.current;
    if (this.#cursor.takeKeyword("NOT")) {
      return this.#nested(start, () => ({ kind: "not", filter: close(this.#term()) }));
    }
    if (!this.#cursor.takeSymbol("(")) return this.#comparison();
    return this.#nested(start, () => {
      const draft = closeInParentheses(this.#alternatives());
      if (this.#cursor.takeSymbol(")")) return draft;
      throw this.#cursor.failure(
        `AND, OR or the parenthesis that closes the one at position ${start.position}`,
      );
    });
  }

  #nested(start: TokenCursor["current"], parse: () => Draft): Draft {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) {
      throw this.#cursor.failure(
        `at most ${MAX_DEPTH} parentheses and NOTs within each other`,
        undefined,
        start,
      );
    }
    const draft = parse();
    this.#depth -= 1;
    return draft;
  }

  #comparison(): Draft {
    this.#comparisons += 1;
    if (this.#comparisons > MAX_COMPARISONS) {
      throw this.#cursor.failure(
        `at most ${MAX_COMPARISONS} comparisons`,
        "Compare with a list: <field> IN ('a', 'b')",
      );
    }
    const start = this.#cursor.current;
    const resolved = takeField(this.#cursor, this.#target);
    if (resolved.type === "assessment") this.#assessments += 1;
    if (this.#assessments > MAX_ASSESSMENTS) {
      throw this.#cursor.failure(
        `at most ${MAX_ASSESSMENTS} comparisons of feedback and expectations`,
        "Split the search into several",
        start,
      );
    }
    const test = takeTest(this.#cursor, this.#target, resolved);
    const { field } = resolved;
    return isSpanField(field)
      ? openSpan({ kind: "comparison", field, test })
      : { kind: "comparison", field, test };
  }
}

function isSpanField(field: Field | SpanField): field is SpanField {
  return field.entity === "span" || field.entity === "span-attribute";
}
