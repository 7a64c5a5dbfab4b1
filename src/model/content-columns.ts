/**
 * The columns that content is compared by.
 *
 * `one-hot` (default): every categorical column, and every measure and the mean price on a logarithmic scale,
 * since shops' weights and prices span orders of magnitude and 10 → 20 is as large a step as 1,000 → 2,000.
 *
 * `label-encoded` (the notebook's): the category as its rank among the sorted names, then the measures, blanks
 * filled with 0, all standardised. Category 12 is no closer to 13 than to 40: kept only for parity.
 */
import type { CategoricalColumn, Dataset, NumericColumn } from '../data/dataset.ts'
import type { Configuration } from './configuration.ts'
import type { ContentColumns } from './model.ts'
import { standardise } from './standardise.ts'

/** @param price  per product, NaN unknown */
export function contentColumns(
  dataset: Dataset,
  price: Float64Array,
  encoding: Configuration['content'],
): ContentColumns {
  return encoding === 'one-hot' ? oneHot(dataset, price) : labelEncoded(dataset)
}

function oneHot(dataset: Dataset, price: Float64Array): ContentColumns {
  const measures = [...dataset.numeric, { name: 'price', values: price }].map(({ name, values }) => ({
    name,
    values: standardise(values.map(signedLog)),
  }))
  // A column that never varies would only take weight from those that do.
  const numeric = measures.filter(({ values }) => values.some((value) => value !== 0))
  return { categorical: [dataset.category, ...dataset.categorical], numeric }
}

function labelEncoded(dataset: Dataset): ContentColumns {
  const columns = [encodeLabels(dataset.category), ...dataset.numeric].map(({ name, values }) => ({
    name,
    values: standardise(values.map((value) => (Number.isNaN(value) ? 0 : value))),
  }))
  return { categorical: [], numeric: columns }
}

/** Each label's rank among the sorted labels in use; blank and untranslated ones are the label `unknown`. */
function encodeLabels({ labels, codes, untranslated = [] }: CategoricalColumn): NumericColumn {
  const names = labels.map((name) => (untranslated.includes(name) ? 'unknown' : name))
  const label = (code: number) => names[code] ?? 'unknown'
  const classes = [...new Set(Array.from(codes, label))].sort()
  const rank = new Map(classes.map((name, position) => [name, position]))
  return { name: 'category_encoded', values: Float64Array.from(codes, (code) => rank.get(label(code))!) }
}

function signedLog(value: number): number {
  return Math.sign(value) * Math.log1p(Math.abs(value))
}
