import { initial } from "./0001-initial.ts";
import { fullStrength } from "./0002-full-strength.ts";
import { resume } from "./0003-resume.ts";
import { judgeCalls } from "./0004-judge-calls.ts";
import { rowFields } from "./0005-row-fields.ts";
import type { ColumnTypes } from "./column-types.ts";

/** In order; the schema version is the number of migrations applied. */
export const MIGRATIONS: readonly ((types: ColumnTypes) => string)[] = [
  initial,
  fullStrength,
  resume,
  judgeCalls,
  rowFields,
];

export const SCHEMA_VERSION = MIGRATIONS.length;
