/** What a store's catalogue says beyond a model, kept up to date by reading what has changed. */
import { statesMoreThan } from '../model/extend-catalogue.ts'
import type { Model } from '../model/model.ts'
import type { CatalogueStore, PlacedProduct } from '../store/catalogue.ts'

export class FollowedCatalogue {
  readonly #store: CatalogueStore
  /** Products of which the catalogue states more than the model, by SKU: those of files that it was trained on are none. */
  #beyond = new Map<string, PlacedProduct>()
  #model: Model | undefined
  #revision = 0

  /** @param store  who opened it closes it */
  constructor(store: CatalogueStore) {
    this.#store = store
  }

  /** The revision up to which the catalogue was read. */
  get revision(): number {
    return this.#revision
  }

  /** The products of which the catalogue states more than the model, in the catalogue's order. */
  get products(): readonly PlacedProduct[] {
    return [...this.#beyond.values()].toSorted(
      (a, b) => a.place - b.place || (a.sku < b.sku ? -1 : Number(a.sku > b.sku)),
    )
  }

  /**
   * Reads what has changed; for another model than before, everything.
   * @param model  as it was trained
   * @returns whether `products` may be others than before
   * @throws {StoreError} if the catalogue cannot be read: everything is read the next time
   */
  async follow(model: Model): Promise<boolean> {
    let isOther = model !== this.#model
    if (isOther) [this.#beyond, this.#revision] = [new Map(), 0]
    this.#model = undefined
    const states = statesMoreThan(model)
    for await (const page of this.#store.changedSince(this.#revision)) {
      for (const product of page) {
        const isBeyond = states(product)
        isOther ||= isBeyond || this.#beyond.has(product.sku)
        if (isBeyond) this.#beyond.set(product.sku, product)
        else this.#beyond.delete(product.sku)
        this.#revision = Math.max(this.#revision, product.revision)
      }
    }
    this.#model = model
    return isOther
  }
}
