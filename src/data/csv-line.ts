/** The fields as one line of CSV (RFC 4180), without the line's end; `undefined` is an empty field. */
export function csvLine(fields: readonly (string | number | undefined)[]): string {
  return fields.map(csvField).join(',')
}

function csvField(field: string | number | undefined): string {
  const text = String(field ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
