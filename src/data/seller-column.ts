import { Column } from './column.ts'
import type { Dataset } from './dataset.ts'
import { isBlank } from './fields.ts'
import { IdTableBuilder } from './ids.ts'

/** The seller of each line item, numbered in the order of their first sale. */
export class SellerColumn {
  readonly #ids = new IdTableBuilder()
  readonly #codes = new Column(Int32Array)

  /** The seller of the next line item; blank: the shop does not say. */
  push(id: string): void {
    this.#codes.push(isBlank(id) ? -1 : this.#ids.add(id))
  }

  /**
   * The sellers and, parallel to the line items, the index of each one's seller; neither if no seller is named. The
   * column is used up.
   */
  finish(): { sellers?: NonNullable<Dataset['sellers']>; seller?: Int32Array } {
    if (this.#ids.size === 0) return {}
    return { sellers: this.#ids.build(), seller: this.#codes.take() }
  }
}
