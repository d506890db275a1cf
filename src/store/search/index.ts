export type {
  AttributeKey,
  Comparison,
  DatasetField,
  Field,
  Filter,
  Operator,
  OrderField,
  OrderTerm,
  SearchTarget,
  SpanComparison,
  SpanField,
  SpanFilter,
  Test,
} from "./filter.ts";
export { foldCase } from "./like-pattern.ts";
export { patternMatcher } from "./match-pattern.ts";
export { DEFAULT_ORDER, parseOrderBy, totalOrder } from "./order.ts";
export {
  decodePageToken,
  encodePageToken,
  type PageToken,
  queryFingerprint,
} from "./page-token.ts";
export { parseFilter } from "./parse-filter.ts";
export { type Pattern, parsePattern, type Range } from "./pattern.ts";
