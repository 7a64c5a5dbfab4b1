/** The parts of a document. All text is plain; renderers escape it. */
export type Block =
  | { readonly kind: 'heading'; readonly text: string; readonly level?: 2 | 3 }
  | { readonly kind: 'paragraph'; readonly text: string; readonly tone?: 'quiet' }
  /** What a reader must know, shown as a note. */
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** Terms with their meanings. */
  | { readonly kind: 'terms'; readonly terms: readonly (readonly [name: string, meaning: string])[] }
  /** Blocks that a page shows when the reader opens them. */
  | {
      readonly kind: 'details'
      readonly summary: string
      readonly isOpen: boolean
      readonly blocks: readonly Block[]
    }
  | Table
  | Curve
  /** Plots of one height, side by side where there is room. */
  | { readonly kind: 'plots'; readonly plots: readonly IntervalPlot[] }

/** A cell: its text, smaller text below it, and its tone. */
export type Cell =
  | string
  | {
      readonly text: string
      readonly small?: readonly string[]
      readonly tone?: 'better' | 'worse' | 'quiet'
    }

export interface Table {
  readonly kind: 'table'
  /** One letter for each column: l(eft) for words, r(ight) for numbers. */
  readonly columns: string
  readonly head: readonly Cell[]
  readonly rows: readonly (readonly Cell[])[]
  /** The row that the others are compared with. */
  readonly reference?: number
}

/** Values with their intervals, one in each row, on one scale from 0. */
export interface IntervalPlot {
  readonly title: string
  readonly rows: readonly IntervalRow[]
}

export interface IntervalRow {
  readonly name: string
  /** At least 0, as are the ends of its interval. */
  readonly value: number
  readonly low: number
  readonly high: number
  /** The value and its interval as text. */
  readonly texts: readonly [value: string, interval: string]
  /** The row that the others are compared with: its interval shades the plot from top to bottom. */
  readonly isReference: boolean
}

/** A curve: pages draw it, Markdown has bars of text. A table must hold the same numbers. */
export interface Curve {
  readonly kind: 'curve'
  readonly title: string
  /** The names of x and y, with their units. */
  readonly axes: readonly [x: string, y: string]
  /** Points in ascending x; x and y at least 0; not empty. */
  readonly points: readonly (readonly [x: number, y: number])[]
  /** A horizontal line to read the curve against. */
  readonly level: { readonly y: number; readonly name: string }
  /** A vertical line that x should not pass. */
  readonly limit?: { readonly x: number; readonly name: string }
}

export interface Document {
  readonly title: string
  /** The conclusion in a sentence; pages show it under the title. */
  readonly summary?: string
  readonly blocks: readonly Block[]
}

export const heading = (text: string, level: 2 | 3 = 2): Block => ({ kind: 'heading', text, level })

/** A paragraph of sentences; undefined ones are left out. */
export const paragraph = (...sentences: readonly (string | undefined)[]): Block => ({
  kind: 'paragraph',
  text: sentences.filter((sentence) => sentence !== undefined).join(' '),
})

/** Text less important than the rest. */
export const aside = (...sentences: readonly string[]): Block => ({
  kind: 'paragraph',
  text: sentences.join(' '),
  tone: 'quiet',
})

export const note = (text: string): Block => ({ kind: 'note', text })

export const list = (items: readonly string[]): Block => ({ kind: 'list', items })

export const table = (
  columns: string,
  head: readonly Cell[],
  rows: readonly (readonly Cell[])[],
  reference?: number,
): Table => ({ kind: 'table', columns, head, rows, ...(reference !== undefined && { reference }) })

/** The whole text of a cell, on one line. */
export function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : [cell.text, ...(cell.small ?? [])].join(' ')
}
