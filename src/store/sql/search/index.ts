export { countMatches, type IdPage, searchPage } from "./page.ts";
export { searchRows, searchTable } from "./rows.ts";
