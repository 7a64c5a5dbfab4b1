import type { ItemSide } from '../model/model.ts'

/** Which products a source can say something about: 1 where the product's row is not all 0. */
export interface Coverage {
  readonly collaborative: Uint8Array
  readonly content: Uint8Array
}

export function coverageOf({ itemFactors, content }: ItemSide): Coverage {
  const known = nonZeroRows(content)
  content.labels?.sizes.forEach((size, product) => size > 0 && (known[product] = 1))
  return { collaborative: nonZeroRows(itemFactors), content: known }
}

interface Rows {
  readonly rows: number
  readonly columns: number
  readonly data: Float32Array | Float64Array
}

function nonZeroRows({ rows, columns, data }: Rows): Uint8Array {
  const marked = new Uint8Array(rows)
  // Loops by number: this runs over everything at every start.
  for (let row = 0, at = 0; row < rows; row++, at += columns) {
    let d = 0
    while (d < columns && data[at + d] === 0) d++
    if (d < columns) marked[row] = 1
  }
  return marked
}
