import { type OpenStore, storeTests, type TestRunner } from "./kit.ts";
import { searchPagesSuite } from "./search-pages.ts";
import { searchRunsSuite } from "./search-runs.ts";
import { searchTextsSuite } from "./search-texts.ts";
import { searchTracesSuite } from "./search-traces.ts";

/** How every store searches: one meaning of filters, orders and pages. */
export function searchSuite(runner: TestRunner, open: OpenStore): void {
  const { describe } = runner;
  const test = storeTests(runner, open);
  describe("search for runs and experiments", () => searchRunsSuite(runner, test));
  describe("search in texts", () => searchTextsSuite(runner, test));
  describe("search, page by page", () => searchPagesSuite(runner, test));
  describe("search for traces", () => searchTracesSuite(runner, test));
}
