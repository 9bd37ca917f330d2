const maxColumns = 40;

/** A table of rows of cells. One of a single column or a single row is there for the layout, and becomes lines. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const filled = rows.filter((row) => row.some((cell) => cell !== ''));
  const columns = Math.min(maxColumns, Math.max(0, ...filled.map(({ length }) => length)));
  if (columns <= 1 || filled.length <= 1)
    return filled.map((row) => row.filter((cell) => cell !== '').join(' ')).join('\n\n');
  const [head = [], ...body] = filled;
  return [
    line(head, columns),
    line(Array<string>(columns).fill('---'), columns),
    ...body.map((row) => line(row, columns)),
  ].join('\n');
}

function line(row: readonly string[], columns: number): string {
  const cells = Array.from({ length: columns }, (_, i) => (row[i] ?? '').replaceAll('|', '\\|'));
  return `| ${cells.join(' | ')} |`;
}
