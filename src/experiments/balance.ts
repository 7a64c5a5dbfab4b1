/** How similar the arms would have been if the customers of the past had been assigned to them. */
import type { Dataset } from '../data/dataset.ts'
import { keepInteractions } from '../data/subset.ts'
import { csrFromTriples } from '../kernels/csr.ts'
import type { Csr } from '../kernels/kernels.ts'
import { customerFeatures } from '../model/customer-features.ts'
import { segmentCustomers } from '../model/segments.ts'
import { armOf, assignArms, drawOf, strataOf } from './assignment.ts'
import { chiSquareTail } from './distributions.ts'
import { sampleVariance, sum } from './estimates.ts'
import type { Split } from './split.ts'

export interface Balance {
  readonly arms: readonly ArmSums[]
  /** The customers of each segment, by arm. */
  readonly segments: readonly { readonly name: string; readonly customers: readonly number[] }[]
  /** Standardised differences of means from the control, for each treatment arm. */
  readonly differences: readonly { readonly of: string; readonly byArm: readonly (number | null)[] }[]
  /** The sample ratio by the hash alone, as if all customers were new. */
  readonly sampleRatio: SampleRatio
}

interface ArmSums {
  readonly customers: number
  readonly orders: number
  /** null if no price is known. */
  readonly revenue: number | null
}

interface SampleRatio {
  readonly customers: readonly number[]
  readonly chiSquare: number
  readonly p: number
}

/** The balance that a salt gives on all customers who bought. */
export function balanceOf(
  dataset: Dataset,
  { labels, codes }: Segments,
  salt: string,
  split: Split,
): Balance {
  const features = customerFeatures(dataset, historiesOf(dataset))
  const buyers = Uint32Array.from(features.frequency.keys()).filter((c) => features.frequency[c] > 0)
  const draws = Uint32Array.from(buyers, (customer) => drawOf(salt, dataset.customers.at(customer)))
  const segmentOf = Int32Array.from(buyers, (customer) => codes[customer])
  const assigned = assignArms(draws, strataOf(segmentOf, labels.length), split)
  const arms = split.map((_, arm) => buyers.filter((_customer, i) => assigned[i] === arm))
  const countIn = (customers: Uint32Array, segment: number) =>
    customers.filter((customer) => codes[customer] === segment).length
  const compared = [
    ['orders a customer', features.frequency],
    ['revenue a customer', features.monetary],
    ['days since the latest order', features.recencyDays],
  ] as const
  return {
    arms: arms.map((customers) => {
      const revenue = knownAt(features.monetary, customers)
      return {
        customers: customers.length,
        orders: sum(knownAt(features.frequency, customers)),
        revenue: revenue.length === 0 ? null : sum(revenue),
      }
    }),
    segments: labels.map((name, segment) => ({
      name,
      customers: arms.map((customers) => countIn(customers, segment)),
    })),
    differences: compared.map(([of, values]) => ({
      of,
      byArm: arms.slice(1).map((customers) => standardisedDifference(values, customers, arms[0])),
    })),
    sampleRatio: sampleRatio(
      split.map((_, arm) => draws.filter((draw) => armOf(draw, split) === arm).length),
      split,
    ),
  }
}

/**
 * The difference of means over the root of the mean variance (Austin 2009, doi:10.1002/sim.3697: below 0.1 counts as
 * balanced); null if an arm has fewer than two known values or nothing varies. NaN values are left out.
 * @param treatment,control  places in `values`
 */
export function standardisedDifference(
  values: Float64Array,
  treatment: Uint32Array,
  control: Uint32Array,
): number | null {
  const [one, other] = [treatment, control].map((places) => knownAt(values, places))
  const deviation = Math.sqrt((sampleVariance(one) + sampleVariance(other)) / 2)
  return deviation > 0 ? (sum(one) / one.length - sum(other) / other.length) / deviation : null
}

/** Pearson's chi-square test that the customers of the arms are in the proportions of the split. */
export function sampleRatio(customers: readonly number[], split: Split): SampleRatio {
  const total = customers.reduce((all, count) => all + count, 0)
  const chiSquare = customers.reduce((all, count, arm) => {
    const expected = total * split[arm]
    return all + (count - expected) ** 2 / expected
  }, 0)
  return { customers, chiSquare, p: chiSquareTail(chiSquare, split.length - 1) }
}

function knownAt(values: Float64Array, places: Uint32Array): Float64Array {
  return Float64Array.from(places, (place) => values[place]).filter((value) => !Number.isNaN(value))
}

/** The seed of k-means, which finds segments if the shop gives none. */
const SEED = 1

/** The strata of an assignment. */
interface Segments {
  readonly labels: readonly string[]
  /** The segment of each customer as an index of `labels`; −1: not known to the shop. */
  readonly codes: Int32Array
}

/** The quantities bought, customers × products. */
function historiesOf({ interactions, customers, products }: Dataset): Csr {
  const { customer, product, quantity } = interactions
  return csrFromTriples(customers.size, products.size, customer, product, quantity)
}

/** The current segments of the customers who bought. */
export function segmentsNow(dataset: Dataset): Segments {
  return segmentCustomers(dataset, historiesOf(dataset), SEED).segments
}

/**
 * The segments that customers were in at a moment, from their purchases before it only.
 * @param moment  milliseconds since 1970
 */
export function segmentsAt(dataset: Dataset, moment: number): Segments {
  const { interactions, orders, customers } = dataset
  const past = keepInteractions(dataset, (i) => orders.timestamp[interactions.order[i]] < moment)
  const codes = new Int32Array(customers.size).fill(-1)
  if (past.interactions.count === 0) return { labels: [], codes }
  const then = segmentsNow(past)
  for (let customer = 0; customer < past.customers.size; customer++) {
    codes[customers.indexOf(past.customers.at(customer))] = then.codes[customer]
  }
  return { labels: then.labels, codes }
}
