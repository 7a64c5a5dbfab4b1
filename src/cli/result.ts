import { onOneLine, printable } from './plain-text.ts'

/** Prints the result of a command: one line of JSON for programs, or the text of `render` for people. */
export function printResult<Result>(
  result: Result,
  options: { json?: boolean },
  render: (result: Result) => string,
): void {
  const text = options.json ? onOneLine(JSON.stringify(result)) : printable(render(result))
  process.stdout.write(`${text}\n`)
}

/** Aligned columns, one line for each row. @param columns  one letter for each column, l(eft) or r(ight) */
export function table(columns: string, cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map(onOneLine))
  const widths = Array.from(columns, (_, column) => Math.max(...rows.map((row) => row[column].length)))
  const align = (cell: string, column: number) =>
    columns[column] === 'r' ? cell.padStart(widths[column]) : cell.padEnd(widths[column])
  return rows.map((row) => row.map(align).join('  ').trimEnd()).join('\n')
}

/** 112650 → 112,650 */
export function count(value: number): string {
  return value.toLocaleString('en')
}

/** 999 → 999 bytes, 47200 → 47.2 kB, 47200000 → 47.2 MB */
export function size(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${bytes} bytes`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = bytes / 1000
  // 999,960 bytes are 1.0 MB, not 1000.0 kB.
  while (value >= 999.95 && units.length > 1) {
    value /= 1000
    units.shift()
  }
  return `${value.toFixed(1)} ${units[0]}`
}

/** Two decimals, or two significant digits for small numbers: 3.14159 → 3.14, 0.00417 → 0.0042 */
export function rounded(value: number): string {
  return value !== 0 && Math.abs(value) < 0.01 ? value.toPrecision(2) : value.toFixed(2)
}

/** The number of customers that a model was trained on, and whether it holds them. */
export function customersText({
  customers,
  withoutHistories,
}: {
  readonly customers: number
  readonly withoutHistories?: boolean
}): string {
  return withoutHistories
    ? `${count(customers)}, none of them held: trained without histories`
    : count(customers)
}
