/** What a document is made of. All text is plain: whoever renders a block escapes it. */
export type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  /** What a reader of the figures has to know, set apart. */
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | Table
  | Curve

export interface Table {
  readonly kind: 'table'
  /** A letter a column: l(eft) for words, r(ight) for numbers. */
  readonly columns: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A curve over time: pages draw it, Markdown has bars of text. What it shows has to stand in a table, too. */
export interface Curve {
  readonly kind: 'curve'
  readonly title: string
  /** What x and y are, with their units. */
  readonly axes: readonly [x: string, y: string]
  /** By ascending x, both at least 0; not empty. */
  readonly points: readonly (readonly [x: number, y: number])[]
  /** A horizontal line to read the curve against. */
  readonly level: { readonly y: number; readonly name: string }
  /** A vertical line that x should not pass. */
  readonly limit?: { readonly x: number; readonly name: string }
}

export interface Document {
  readonly title: string
  readonly blocks: readonly Block[]
}

export const heading = (text: string): Block => ({ kind: 'heading', text })

/** Sentences, one after the other; those that are undefined are left out. */
export const paragraph = (...sentences: readonly (string | undefined)[]): Block => ({
  kind: 'paragraph',
  text: sentences.filter((sentence) => sentence !== undefined).join(' '),
})

export const note = (text: string): Block => ({ kind: 'note', text })

export const list = (items: readonly string[]): Block => ({ kind: 'list', items })

export const table = (
  columns: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): Block => ({ kind: 'table', columns, head, rows })
