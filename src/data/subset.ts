import { gather, Column } from './column.ts'
import { contentFingerprint } from './content-fingerprint.ts'
import type { CategoricalColumn, Dataset } from './dataset.ts'
import { type IdTable, IdTableBuilder, type StringColumn, StringColumnBuilder } from './ids.ts'

interface SubsetOptions {
  /** Default false. True: every product stays, under its own index, also one that is never sold in what is kept. */
  readonly keepCatalogue?: boolean
}

/**
 * The data set as if only some of its interactions had been read: nothing of the others is left. Customers, products,
 * orders, sellers and labels are numbered anew, in the order in
 * which the kept interactions first name them: former numbers may depend on the others. The fingerprint is that of
 * the content kept, since the former one also covers what was dropped. Products and customers without any
 * interaction go, too: of those it cannot be known since when the shop has had them. Cancelled orders go, and warnings.
 *
 * What the shop states as a whole stays as it is: which columns there are, whether a column is one of numbers or of
 * categories (decided by the whole products file), and what the columns say of a product or customer that stays.
 * @param keep  whether to keep the interaction of that index; asked once for each, in ascending order
 * @returns a data set that shares no memory with the former; without interactions if none is kept
 */
export function keepInteractions(
  dataset: Dataset,
  keep: (interaction: number) => boolean,
  { keepCatalogue = false }: SubsetOptions = {},
): Dataset {
  const { interactions, orders, sellers } = dataset
  const kept = interactionsWhere(dataset, keep)
  const customerNumbers = new Numbering(dataset.customers.size)
  const productNumbers = new Numbering(dataset.products.size)
  const orderNumbers = new Numbering(orders.count)
  if (keepCatalogue) for (let p = 0; p < dataset.products.size; p++) productNumbers.of(p)
  const sellerNumbers = new Numbering(sellers?.size ?? 0)
  const renumbered = (column: Uint32Array, numbers: Numbering) =>
    gather(column, kept).map((former) => numbers.of(former))
  const seller =
    interactions.seller &&
    gather(interactions.seller, kept).map((former) => (former < 0 ? -1 : sellerNumbers.of(former)))
  const bought = {
    count: kept.length,
    customer: renumbered(interactions.customer, customerNumbers),
    product: renumbered(interactions.product, productNumbers),
    order: renumbered(interactions.order, orderNumbers),
    quantity: gather(interactions.quantity, kept),
    price: gather(interactions.price, kept),
    // None where no kept interaction names a seller, as if the column had never been there.
    ...(seller && sellerNumbers.size > 0 && { seller }),
  }
  const keptOrders = orderNumbers.former()
  const customers = customerNumbers.former()
  const products = productNumbers.former()
  const subset = {
    adapter: dataset.adapter,
    customers: idsAt(dataset.customers, customers),
    products: idsAt(dataset.products, products),
    interactions: bought,
    orders: {
      count: keptOrders.length,
      customer: gather(orders.customer, keptOrders).map((former) => customerNumbers.of(former)),
      timestamp: gather(orders.timestamp, keptOrders),
      ...(orders.reviewScore && { reviewScore: gather(orders.reviewScore, keptOrders) }),
      ...(orders.deliveryDelayDays && { deliveryDelayDays: gather(orders.deliveryDelayDays, keptOrders) }),
    },
    category: categoriesAt(dataset.category, products),
    categorical: dataset.categorical.map((column) => categoriesAt(column, products)),
    numeric: dataset.numeric.map(({ name, values }) => ({ name, values: gather(values, products) })),
    ...(dataset.productNames && { productNames: stringsAt(dataset.productNames, products) }),
    ...(sellers && sellerNumbers.size > 0 && { sellers: idsAt(sellers, sellerNumbers.former()) }),
    ...(dataset.segments && { segments: categoriesAt(dataset.segments, customers) }),
    quarantined: 0,
  }
  return { ...subset, fingerprint: contentFingerprint(subset) }
}

/** The indices of the interactions for which `holds` is true, ascending. It is called once for each, in that order. */
export function interactionsWhere(
  { interactions }: Pick<Dataset, 'interactions'>,
  holds: (interaction: number) => boolean,
): Uint32Array {
  return Uint32Array.from(interactions.customer.keys()).filter((interaction) => holds(interaction))
}

/** The column of the things at `places`, with no label that none of them has. */
function categoriesAt({ name, labels, codes, untranslated }: CategoricalColumn, places: Uint32Array) {
  const numbers = new Numbering(labels.length)
  const kept = gather(codes, places).map((code) => (code < 0 ? -1 : numbers.of(code)))
  const keptLabels = Array.from(numbers.former(), (former) => labels[former])
  return {
    name,
    labels: keptLabels,
    codes: kept,
    ...(untranslated && { untranslated: keptLabels.filter((label) => untranslated.includes(label)) }),
  }
}

function idsAt(ids: IdTable, places: Uint32Array): IdTable {
  const builder = new IdTableBuilder()
  for (const place of places) builder.addEncoded(encodedAt(ids, place))
  return builder.build()
}

function stringsAt(strings: StringColumn, places: Uint32Array): StringColumn {
  const builder = new StringColumnBuilder()
  for (const place of places) builder.addEncoded(encodedAt(strings, place))
  return builder.build()
}

function encodedAt({ bytes, offsets }: StringColumn, place: number): Uint8Array {
  return bytes.subarray(offsets[place], offsets[place + 1])
}

/** Numbers things anew in the order in which they are first asked for. */
export class Numbering {
  readonly #fresh: Int32Array
  readonly #former = new Column(Uint32Array)

  /** @param size  how many things there are under their former numbers */
  constructor(size: number) {
    this.#fresh = new Int32Array(size).fill(-1)
  }

  /** How many have been numbered anew. */
  get size(): number {
    return this.#former.length
  }

  /** The new number of what was `former`. */
  of(former: number): number {
    if (this.#fresh[former] < 0) {
      this.#fresh[former] = this.#former.length
      this.#former.push(former)
    }
    return this.#fresh[former]
  }

  /** The former numbers by the new ones. Nothing more can be numbered anew. */
  former(): Uint32Array {
    return this.#former.take()
  }
}
