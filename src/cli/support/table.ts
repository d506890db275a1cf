import { CONTROLS } from "./io.ts";

const GAP = "  ";

/** How a column is set. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Whether the column gives way when the table is wider than the screen. */
  readonly flexible?: boolean;
}

/** A table as lines of text, cut to `width`; the flexible columns share what the others leave. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const cells = rows.map((row) => row.map(oneLine));
  const natural = columns.map((column, index) =>
    Math.max(widthOf(column.title), ...cells.map((row) => widthOf(row[index] ?? ""))),
  );
  const widths = shareWidth(columns, natural, width);
  const header = columns.map(({ title }) => title);
  return [header, widths.map((size) => "─".repeat(size)), ...cells].map((row) =>
    columns
      .map(({ align }, index) => set(row[index] ?? "", widths[index] as number, align))
      .join(GAP)
      .trimEnd(),
  );
}

function shareWidth(
  columns: readonly Column[],
  natural: readonly number[],
  width: number,
): number[] {
  const gaps = GAP.length * (columns.length - 1);
  const fixed = natural.reduce((sum, size, i) => sum + (columns[i]?.flexible ? 0 : size), 0);
  let room = Math.max(0, width - gaps - fixed);
  let open = columns.filter((column) => column.flexible).length;
  return natural.map((size, index) => {
    if (!columns[index]?.flexible) return size;
    const given = Math.min(size, Math.max(8, Math.floor(room / open)));
    room -= given;
    open -= 1;
    return given;
  });
}

function set(text: string, width: number, align: "left" | "right" = "left"): string {
  const cut = truncate(text, width);
  const padding = " ".repeat(Math.max(0, width - widthOf(cut)));
  return align === "right" ? padding + cut : cut + padding;
}

/** `text` cut to `width` characters with an ellipsis. */
export function truncate(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join("")}…`;
}

function widthOf(text: string): number {
  return [...text].length;
}

/** Text from outside may hold line breaks and terminal control codes; neither belongs into a cell. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, " ").trim();
}

/** `text` without the control characters that could steer a terminal; line breaks and tabs stay. */
export function printable(text: string): string {
  return text.replace(CONTROLS, "");
}
