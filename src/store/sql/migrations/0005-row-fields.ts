import type { ColumnTypes } from "./column-types.ts";

/** What gates ask of rows beside their scores: the fields of slices, and the group that a row belongs to. */
export const rowFields = ({ text }: ColumnTypes) => `
ALTER TABLE results ADD COLUMN metadata ${text};
ALTER TABLE results ADD COLUMN tags ${text};
ALTER TABLE results ADD COLUMN other_columns ${text};
ALTER TABLE results ADD COLUMN row_group ${text};
`;
