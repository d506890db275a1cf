import type { ColumnTypes } from "./column-types.ts";

/** Which scorer a call was made for, how many requests it took, why it failed, and whether it was kept. */
export const judgeCalls = ({ integer, text }: ColumnTypes) => `
ALTER TABLE calls ADD COLUMN scorer_id ${integer};
ALTER TABLE calls ADD COLUMN attempts ${integer};
ALTER TABLE calls ADD COLUMN error ${text};
ALTER TABLE calls ADD COLUMN cached ${integer};
`;
