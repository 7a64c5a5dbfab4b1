/**
 * Customer segments: given by the shop, or found by k-means (Lloyd 1982, started by k-means++: Arthur &
 * Vassilvitskii 2007) over the standardised customer features, and named by `segment-names.ts`.
 */
import { kmeans } from 'ml-kmeans'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { CategoricalColumn, Dataset } from '../data/dataset.ts'
import type { Csr } from '../kernels/kernels.ts'
import type { CustomerFeatures } from './customer-features.ts'
import { CUSTOMER_FEATURES, customerFeatures } from './customer-features.ts'
import type { SegmentProfile } from './model.ts'
import type { Naming } from './segment-names.ts'
import { measuredNames, nameSegments, segmentCount } from './segment-names.ts'
import { standardise } from './standardise.ts'

/** The most customers k-means is fitted on; all the others go to the nearest centroid found. */
const SAMPLE = 20_000

/** k-means ends in a local optimum, on one shop in five starts in a poor one: the best of this many is taken. */
const STARTS = 8

interface Segmentation {
  readonly segments: CategoricalColumn
  readonly segmentProfiles: readonly SegmentProfile[]
  /** What customers were told apart by. */
  readonly features: CustomerFeatures
}

/**
 * Everyone who bought belongs to one of up to five segments; fewer where the shop's data cannot tell five apart.
 * @param histories  customers × products, the dataset's purchases
 * @param seed  of the sample and of k-means
 * @param naming  of the segments found
 */
export function segmentCustomers(
  dataset: Dataset,
  histories: Csr,
  seed: number,
  naming: Naming = 'measured',
): Segmentation {
  const features = customerFeatures(dataset, histories)
  const segments = dataset.segments ?? findSegments(features, seed, naming)
  return { segments, segmentProfiles: profile(segments, features), features }
}

function findSegments(features: CustomerFeatures, seed: number, naming: Naming): CategoricalColumn {
  const buyers = Uint32Array.from(features.frequency.keys()).filter((c) => features.frequency[c] > 0)
  const columns = CUSTOMER_FEATURES.map((feature) => ({
    feature,
    values: standardise(Float64Array.from(buyers, (c) => features[feature][c])),
  })).filter(({ values }) => values.some((value) => value !== 0))
  const varying = columns.map(({ feature }) => feature)
  const points = Array.from(buyers, (_, i) => columns.map(({ values }) => values[i]))

  const codes = new Int32Array(features.frequency.length).fill(-1)
  cluster(points, segmentCount(varying), seed).forEach((code, i) => (codes[buyers[i]] = code))
  const unnamed = Array.from({ length: Math.max(...new Set(codes)) + 1 }, () => '')
  const means = profile({ name: 'segment', labels: unnamed, codes }, features).map((segment) => segment.means)
  const labels = (naming === 'notebook' ? nameSegments : measuredNames)(means, varying)
  return { name: 'segment', labels, codes }
}

/** The cluster of each point, 0 … k − 1; all 0 where there are fewer than k distinct points. */
function cluster(points: number[][], k: number, seed: number): number[] {
  const sample = choose(points, SAMPLE, seed)
  if (k === 1 || new Set(sample.map(String)).size < k) return points.map(() => 0)
  const fits = Array.from({ length: STARTS }, (_, start) => {
    const fit = kmeans(sample, k, { seed: seed + start, initialization: 'kmeans++' })
    const error = fit.computeInformation(sample).reduce((sum, found) => sum + found.error * found.size, 0)
    return { fit, error }
  })
  return fits.reduce((best, other) => (other.error < best.error ? other : best)).fit.nearest(points)
}

/** `count` of the items, or all, in their order, each choice equally likely (Knuth, TAOCP 2, algorithm S). */
function choose<Item>(items: readonly Item[], count: number, seed: number): Item[] {
  const random = xoroshiro128plus(seed)
  let wanted = Math.min(count, items.length)
  return items.filter((_, i) => uniformInt(random, 1, items.length - i) <= wanted && wanted-- > 0)
}

/** The size of each segment and what its customers are like on average. */
function profile({ labels, codes }: CategoricalColumn, features: CustomerFeatures): SegmentProfile[] {
  return labels.map((name, segment) => {
    const mean = (values: Float64Array) => {
      const known = values.filter((value, customer) => codes[customer] === segment && !Number.isNaN(value))
      return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
    }
    return {
      name,
      customers: codes.reduce((count, code) => (code === segment ? count + 1 : count), 0),
      means: Object.fromEntries(CUSTOMER_FEATURES.map((feature) => [feature, mean(features[feature])])),
    }
  })
}
