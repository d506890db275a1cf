export { countMatches, type IdPage, searchPage } from "./page.ts";
export { searchDatasetRows, searchModelRows, searchRows } from "./rows.ts";
