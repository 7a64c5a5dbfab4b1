/** Prints what a command found: one line of JSON for programs, or what `render` makes of it for people. */
export function printResult<Result>(
  result: Result,
  options: { json?: boolean },
  render: (result: Result) => string,
): void {
  process.stdout.write(`${options.json ? JSON.stringify(result) : render(result)}\n`)
}

/** Aligned columns. @param columns  a letter a column, l(eft) or r(ight) */
export function table(columns: string, rows: readonly (readonly string[])[]): string {
  const widths = Array.from(columns, (_, column) => Math.max(...rows.map((row) => row[column].length)))
  const align = (cell: string, column: number) =>
    columns[column] === 'r' ? cell.padStart(widths[column]) : cell.padEnd(widths[column])
  return rows.map((row) => row.map(align).join('  ').trimEnd()).join('\n')
}

/** 112650 → 112,650 */
export function count(value: number): string {
  return value.toLocaleString('en')
}

/** 47200000 → 47.2 MB */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
