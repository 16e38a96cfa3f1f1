/** Cells by column; every row of a table has the same columns. */
export type Row = Readonly<Record<string, string>>;

/** Formats a table for a terminal. */
export function asText(rows: readonly Row[]): string {
  const lines = cells(rows);
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Formats a table in GitHub's Markdown; escapes characters that would end a cell. */
export function asMarkdown(rows: readonly Row[]): string {
  const [head = [], ...rest] = cells(rows).map((line) => line.map((cell) => cell.replace(/[\\|`]/g, "\\$&")));
  const lines = [head, head.map(() => "---"), ...rest];
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function cells(rows: readonly Row[]): string[][] {
  const [first] = rows;
  return first ? [Object.keys(first), ...rows.map((row) => Object.values(row))] : [];
}
