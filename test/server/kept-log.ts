/** What a logger writes to: its lines can be looked at. */
export function keptLog(): { readonly lines: Record<string, unknown>[]; write(line: string): void } {
  const lines: Record<string, unknown>[] = []
  return { lines, write: (line) => void lines.push(JSON.parse(line)) }
}
