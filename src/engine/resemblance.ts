/**
 * Likeness to a purchase as a cause, and the content that two products share: the same label in a column, or measures that
 * differ by at most half of the catalogue's standard deviation, on the scale on which content compares them.
 */
import { measureOf } from '../model/content-columns.ts'
import { contentCosine } from '../model/content.ts'
import type { ItemSide } from '../model/model.ts'
import type { Cause, SharedAttribute } from './reason.ts'
import type { HistoryEntry } from './history-entry.ts'

/** In standard deviations. */
const NEAR = 0.5

/**
 * That a product resembles a purchase, as the cause of an amount. What the two share is looked up when it is first asked
 * for, and kept: most lists are read without.
 */
export function resemblance(
  model: ItemSide,
  product: number,
  purchase: HistoryEntry,
  amount: number,
): Cause<'RESEMBLANCE'> {
  let shared: readonly SharedAttribute[] | undefined
  return {
    kind: 'RESEMBLANCE',
    amount,
    purchase,
    similarity: contentCosine(model.content, product, purchase.product),
    sharedAttributes: () => (shared ??= sharedAttributes(model, product, purchase.product)),
  }
}

/** Labels in the order of the columns, the category first; then measures, the nearest first. */
export function sharedAttributes(model: ItemSide, product: number, purchased: number): SharedAttribute[] {
  return [...sharedLabels(model, product, purchased), ...nearMeasures(model, product, purchased)]
}

function sharedLabels(
  { category, contentColumns }: ItemSide,
  product: number,
  purchased: number,
): SharedAttribute[] {
  // Content compared as the notebook did has the category as a number only, which says nothing of being alike.
  const others = contentColumns.categorical.filter(({ name }) => name !== category.name)
  return [category, ...others]
    .filter(({ codes }) => codes[product] >= 0 && codes[product] === codes[purchased])
    .map(({ name, labels, codes }) => {
      const value = labels[codes[product]]
      return { attribute: name, value, purchasedValue: value }
    })
}

function nearMeasures({ contentColumns }: ItemSide, product: number, purchased: number): SharedAttribute[] {
  return contentColumns.numeric
    .flatMap((column) => {
      const apart = Math.abs(column.values[product] - column.values[purchased])
      if (apart > NEAR) return []
      const value = measureOf(column, product)
      const purchasedValue = measureOf(column, purchased)
      if (value === null || purchasedValue === null) return []
      return [{ apart, shared: { attribute: column.name, value, purchasedValue } }]
    })
    .sort((a, b) => a.apart - b.apart)
    .map(({ shared }) => shared)
}
