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
import type { ContentColumns, MeasureColumn } from './model.ts'
import { type Scale, scaleOf, standardise } from './standardise.ts'

/** @param price  per product, NaN unknown */
export function contentColumns(
  dataset: Dataset,
  price: Float64Array,
  encoding: Configuration['content'],
): ContentColumns {
  return encoding === 'one-hot' ? oneHot(dataset, price) : labelEncoded(dataset)
}

/**
 * What a measure is of a product in the shop's own unit, to nine digits; null where that is not known: also for every
 * label-encoded column, since there a blank and a 0 are the same.
 */
export function measureOf({ values, logScale }: MeasureColumn, product: number): number | null {
  if (!logScale || Number.isNaN(values[product])) return null
  const logarithm = logScale.mean + values[product] * logScale.deviation
  const measure = Math.sign(logarithm) * Math.expm1(Math.abs(logarithm))
  // 0 comes back as the rounding of its logarithm.
  return Math.abs(measure) < 1e-9 ? 0 : Number(measure.toPrecision(9))
}

function oneHot(dataset: Dataset, price: Float64Array): ContentColumns {
  const numeric = [...dataset.numeric, { name: 'price', values: price }]
    .map(onLogScale)
    // A column that never varies would only take weight from those that do.
    .filter(({ logScale }) => logScale.deviation > 0)
  return { categorical: [dataset.category, ...dataset.categorical], numeric }
}

function onLogScale({ name, values }: NumericColumn) {
  const logScale = scaleOf(values.map(signedLog))
  return { name, values: values.map((value) => standardised(value, logScale)), logScale }
}

/** A measure on the logarithmic scale of its column; NaN of an unknown one. */
export function standardised(value: number, { mean, deviation }: Scale): number {
  // The literal NaN has the same bytes everywhere, the NaN of a computation has not.
  return Number.isNaN(value) ? NaN : (signedLog(value) - mean) / deviation
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
