/** Where in the input a problem lies, as far as it is known. */
export interface DataLocation {
  /** Path of the file or folder. */
  readonly file?: string | undefined
  /** The line as an editor counts it, from 1. */
  readonly line?: number | undefined
  /** The row of a file without lines, from 1. */
  readonly row?: number | undefined
  /** Name of the column as the file's header spells it. */
  readonly column?: string | undefined
  /** The value there. */
  readonly value?: string | undefined
}

/** One problem with the input. The message says where it is, the value, what is wrong and what to do. */
export class DataError extends Error {
  override readonly name = 'DataError'
  readonly file: string | undefined
  readonly line: number | undefined
  readonly row: number | undefined
  readonly column: string | undefined
  readonly value: string | undefined
  /** The message without the place. */
  readonly problem: string

  /** @param problem  continues the sentence that the place and value begin: 'is not a number: …' */
  constructor(problem: string, location: DataLocation = {}, options?: ErrorOptions) {
    super(describe(problem, location), options)
    this.file = location.file
    this.line = location.line
    this.row = location.row
    this.column = location.column
    this.value = location.value
    this.problem = problem
  }
}

const LONGEST_VALUE = 80

/** A value as messages show it: in quotes, control characters escaped, cut when very long. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value)
}

function describe(problem: string, { file, line, row, column, value }: DataLocation): string {
  const place: string[] = []
  if (file !== undefined) place.push(file)
  if (line !== undefined) place.push(`line ${line}`)
  if (row !== undefined) place.push(`row ${row}`)
  if (column !== undefined) place.push(`column ${column}`)
  const sentence = value === undefined ? problem : `${quoted(value)} ${problem}`
  return place.length === 0 ? sentence : `${place.join(', ')}: ${sentence}`
}

/** The DataError of a file or folder that could not be opened; anything but an operating-system error as it is. */
export function fileError(path: string, error: NodeJS.ErrnoException): Error {
  if (error.syscall === undefined) return error
  return new DataError(
    FILE_PROBLEMS[error.code ?? ''] ?? `cannot be used (${error.message})`,
    { file: path },
    { cause: error },
  )
}

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist: check the path',
  EISDIR: 'is a folder, not a file',
  ENOTDIR: 'is a file, not a folder',
  EACCES: 'may not be opened: check its permissions',
  EPERM: 'may not be opened: check its permissions',
}
