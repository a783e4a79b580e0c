// Tables in lines of text: words stand left, figures right.

/** Titles and how wide their columns are; words have a negative width. */
export type Columns = Readonly<Record<string, number>>;

/** Prints the titles, and returns what prints a row: for rows that come one by one. */
export function startTable(columns: Columns): (cells: readonly string[]) => void {
  const widths = Object.values(columns);
  const print = (cells: readonly string[]): void => console.log(lineOf(widths, cells, ''));
  print(Object.keys(columns));
  return print;
}

/** The lines of a whole table, each column as wide as its widest cell. The columns named hold words. */
export function linesOf(rows: readonly (readonly string[])[], words: readonly number[]): string[] {
  const widths = rows[0]!.map((_, column) => {
    const width = Math.max(...rows.map((row) => row[column]!.length));
    return words.includes(column) ? -width : width;
  });
  return rows.map((row) => lineOf(widths, row, '  '));
}

function lineOf(widths: readonly number[], cells: readonly string[], between: string): string {
  return cells
    .map((cell, i) => (widths[i]! < 0 ? cell.padEnd(-widths[i]!) : cell.padStart(widths[i]!)))
    .join(between)
    .trimEnd();
}
