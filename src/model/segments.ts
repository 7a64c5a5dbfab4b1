/**
 * Customer segments: given by the shop, or found by k-means (Lloyd 1982, started by k-means++: Arthur &
 * Vassilvitskii 2007) over the standardised customer features, and named by what was measured of them.
 */
import { kmeans } from 'ml-kmeans'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { CategoricalColumn, Dataset } from '../data/dataset.ts'
import type { Csr } from '../kernels/kernels.ts'
import type { CustomerFeatures, CustomerFeature } from './customer-features.ts'
import { CUSTOMER_FEATURES, customerFeatures } from './customer-features.ts'
import type { SegmentProfile } from './model.ts'
import { nearest, type SegmentCentroids } from './segment-centroids.ts'
import { momentsOf, scaleOf, standardise } from './standardise.ts'

/** The most customers k-means is fitted on; all the others go to the nearest centroid found. */
const SAMPLE = 20_000

/** k-means ends in a local optimum, on one shop in five starts in a poor one: the best of this many is taken. */
const STARTS = 8

/** Clusters that begin where former ones were are kept up to this many times the least error that is found. */
const STILL_GOOD = 1.1

interface Segmentation {
  readonly segments: CategoricalColumn
  readonly segmentProfiles: readonly SegmentProfile[]
  /** Absent where the shop gives the segments. */
  readonly segmentCentroids?: SegmentCentroids
  /** The features that customers were clustered by. */
  readonly features: CustomerFeatures
}

/**
 * Everyone who bought belongs to one of up to five segments; fewer if the shop's data does not hold five different
 * ones.
 * @param histories  customers × products, the dataset's purchases
 * @param seed  for the sample and for k-means
 * @param naming  how the segments found are named
 * @param former  the segments of the model that serves: where they still suit, the new ones begin at their means, have
 *   their order, and keep the names that are still true
 */
export function segmentCustomers(
  dataset: Dataset,
  histories: Csr,
  seed: number,
  naming: Naming = 'measured',
  former: readonly SegmentProfile[] = [],
): Segmentation {
  const features = customerFeatures(dataset, histories)
  const { segments, segmentCentroids } = dataset.segments
    ? { segments: dataset.segments }
    : findSegments(features, seed, naming, former)
  const segmentProfiles = profile(segments, features)
  return { segments, segmentProfiles, ...(segmentCentroids && { segmentCentroids }), features }
}

function findSegments(
  features: CustomerFeatures,
  seed: number,
  naming: Naming,
  former: readonly SegmentProfile[],
): Required<Pick<Segmentation, 'segments' | 'segmentCentroids'>> {
  const buyers = Uint32Array.from(features.frequency.keys()).filter((c) => features.frequency[c] > 0)
  const columns = CUSTOMER_FEATURES.map((feature) => {
    const values = Float64Array.from(buyers, (c) => features[feature][c])
    return { feature, scale: scaleOf(values), moments: momentsOf(values), values: standardise(values) }
  }).filter(({ values }) => values.some((value) => value !== 0))
  const varying = columns.map(({ feature }) => feature)
  const points = Array.from(buyers, (_, i) => columns.map(({ values }) => values[i]))
  const formerCentroids = former.map(({ means }) =>
    columns.map(({ feature, scale: { mean, deviation } }) =>
      deviation > 0 ? ((means[feature] ?? mean) - mean) / deviation : 0,
    ),
  )

  const codes = new Int32Array(features.frequency.length).fill(-1)
  const centroids = cluster(points, segmentCount(varying), seed, formerCentroids)
  points.forEach((point, i) => (codes[buyers[i]] = nearest(centroids, point)))
  const unnamed = Array.from({ length: Math.max(...new Set(codes)) + 1 }, () => '')
  const means = profile({ name: 'segment', labels: unnamed, codes }, features).map((segment) => segment.means)
  const labels =
    naming === 'notebook'
      ? nameSegments(means, varying)
      : measuredNames(means, varying).map((name, segment) => {
          const { name: before = name } = former[segment] ?? {}
          return isTrueOf(before, means, segment) ? before : name
        })
  return {
    segments: { name: 'segment', labels, codes },
    segmentCentroids: {
      columns: columns.map(({ feature, moments: { unit, mean, deviation } }) => ({
        feature,
        unit,
        mean,
        deviation,
      })),
      centroids,
    },
  }
}

/**
 * The centroids of the clusters of points; a single one where there are fewer than k distinct points.
 * @param former  centroids of another clustering: clusters that begin at them have their order, and are taken unless they
 *   are clearly worse
 */
function cluster(points: number[][], k: number, seed: number, former: readonly number[][]): number[][] {
  const sample = choose(points, SAMPLE, seed)
  if (k === 1 || new Set(sample.map(String)).size < k) return [points[0].map(() => 0)]
  const fitFrom = (start: number, initialization: 'kmeans++' | number[][]) => {
    const fit = kmeans(sample, k, { seed: seed + start, initialization })
    const error = fit.computeInformation(sample).reduce((sum, found) => sum + found.error * found.size, 0)
    return { fit, error }
  }
  const fits = Array.from({ length: STARTS }, (_, start) => fitFrom(start, 'kmeans++'))
  const best = fits.reduce((least, other) => (other.error < least.error ? other : least))
  const again =
    former.length === k
      ? fitFrom(
          0,
          former.map((centroid) => [...centroid]),
        )
      : undefined
  const isKept = again !== undefined && again.error <= STILL_GOOD * best.error
  return (isKept ? again : best).fit.centroids
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

interface Criterion {
  readonly feature: CustomerFeature
  readonly pick: 'highest' | 'lowest'
}

/** How the segments that are found get their names. */
export type Naming = 'measured' | 'notebook'

/**
 * How segments get the notebook's names: in this order, each name goes to the segment, of those that have none yet,
 * whose
 * mean of the feature is the highest or the lowest. Where a name has two features, the first that varies among the
 * shop's customers decides; where none does, the name is not given and there is one segment fewer. The last name
 * takes what is left.
 *
 * The project Rationale began as clustered by the sentiment of review texts too, which shops' data seldom holds:
 * "engaged" and "silent" mean only bought lately, and longer ago, and what is left may be anything. The preset
 * `notebook` keeps these names for parity; others state what was measured (`measuredNames`).
 */
export const NAMING_RULES: readonly { readonly name: string; readonly by: readonly Criterion[] }[] = [
  { name: 'Repeat Loyalists', by: [{ feature: 'frequency', pick: 'highest' }] },
  { name: 'High-Value Buyers', by: [{ feature: 'monetary', pick: 'highest' }] },
  {
    name: 'Dissatisfied / At Risk',
    by: [
      { feature: 'reviewScore', pick: 'lowest' },
      { feature: 'deliveryDelayDays', pick: 'highest' },
    ],
  },
  { name: 'Engaged Enthusiasts', by: [{ feature: 'recencyDays', pick: 'lowest' }] },
  { name: 'Silent Satisfied', by: [] },
]

/** The name if customers do not differ in anything, or there are fewer distinct customers than names. */
const ONE_SEGMENT = 'All Customers'

/**
 * What may be said of a segment, where it is true of it and of no other: that its mean is the highest or the lowest of
 * all. The first ones tell most.
 */
const SUPERLATIVES: readonly (Criterion & { readonly name: string })[] = [
  { name: 'Most Frequent', feature: 'frequency', pick: 'highest' },
  { name: 'Highest Value', feature: 'monetary', pick: 'highest' },
  { name: 'Lowest Reviews', feature: 'reviewScore', pick: 'lowest' },
  { name: 'Latest Deliveries', feature: 'deliveryDelayDays', pick: 'highest' },
  { name: 'Most Recent', feature: 'recencyDays', pick: 'lowest' },
  { name: 'Least Recent', feature: 'recencyDays', pick: 'highest' },
  { name: 'Highest Reviews', feature: 'reviewScore', pick: 'highest' },
  { name: 'Lowest Value', feature: 'monetary', pick: 'lowest' },
  { name: 'Least Frequent', feature: 'frequency', pick: 'lowest' },
]

/** The features that name segments in a shop without reviews (RFM: recency, frequency, monetary value). */
const RFM: ReadonlySet<CustomerFeature> = new Set(['recencyDays', 'frequency', 'monetary'])

const MOST_SAID = 2

/** As many as there are segments at most. */
const ORDINALS = ['1st', '2nd', '3rd', '4th', '5th']

/**
 * Names that state what was measured and nothing else, in the order given; all different. Each segment is called by
 * what its mean is the highest or lowest of all in, by two such things at most; one that leads in nothing by its place
 * ("2nd Highest Value"). Where the shop has no reviews, by recency, frequency and value alone.
 * @param means  of each segment
 * @param varying  the features that customers vary in
 */
export function measuredNames(
  means: readonly SegmentProfile['means'][],
  varying: readonly CustomerFeature[],
): readonly string[] {
  if (means.length === 1) return [ONE_SEGMENT]
  const named = varying.includes('reviewScore') ? varying : varying.filter((feature) => RFM.has(feature))
  const said = SUPERLATIVES.filter(({ feature }) => named.includes(feature))
  const names = means.map((_, segment) =>
    said
      .filter((criterion) => placeOf(means, criterion, segment) === 1)
      .slice(0, MOST_SAID)
      .map(({ name }) => name)
      .join(', '),
  )
  names.forEach((name, segment) => {
    if (name !== '') return
    const first = said.find((criterion) => placeOf(means, criterion, segment) !== null)
    if (first) names[segment] = `${ORDINALS[placeOf(means, first, segment)! - 1]} ${first.name}`
  })
  // A segment that differs in none of these features gets a number as its name.
  return names.map((name, segment) => name || `Group ${segment + 1}`)
}

/** Whether a name of `measuredNames` is true of a segment. */
function isTrueOf(name: string, means: readonly SegmentProfile['means'][], segment: number): boolean {
  return name.split(', ').every((said) => {
    const criterion = SUPERLATIVES.find((one) => said === one.name || said.endsWith(` ${one.name}`))
    const place = said === criterion?.name ? 1 : 1 + ORDINALS.indexOf(said.split(' ', 1)[0])
    return criterion !== undefined && placeOf(means, criterion, segment) === place
  })
}

/** The place of a segment by a feature, from 1; null where another has the same mean, or its own is unknown. */
function placeOf(
  means: readonly SegmentProfile['means'][],
  { feature, pick }: Criterion,
  segment: number,
): number | null {
  const values = means.map((mean) => mean[feature] ?? null)
  const own = values[segment]
  const known = values.filter((value) => value !== null)
  if (own === null || known.length < 2 || known.filter((value) => value === own).length > 1) return null
  return 1 + known.filter((value) => (pick === 'highest' ? value > own : value < own)).length
}

/** The number of segments that can be named in a shop whose customers vary in these features. */
export function segmentCount(varying: readonly CustomerFeature[]): number {
  return NAMING_RULES.filter(({ by }) => by.some(({ feature }) => varying.includes(feature))).length + 1
}

/**
 * The notebook's name of each segment, in the order given; all different.
 * @param means  of each segment; at most `segmentCount(varying)` segments
 */
export function nameSegments(
  means: readonly SegmentProfile['means'][],
  varying: readonly CustomerFeature[],
): readonly string[] {
  if (means.length === 1) return [ONE_SEGMENT]
  const names = means.map(() => '')
  for (const { name, by } of NAMING_RULES) {
    const criterion = by.find(({ feature }) => varying.includes(feature))
    if (!criterion && by.length > 0) continue
    const unnamed = [...names.keys()].filter((segment) => names[segment] === '')
    const chosen = criterion ? extremeOf(unnamed, means, criterion) : unnamed[0]
    if (chosen !== undefined) names[chosen] = name
  }
  return names
}

function extremeOf(segments: readonly number[], means: readonly SegmentProfile['means'][], by: Criterion) {
  const rank = (segment: number) => {
    const mean = means[segment][by.feature] ?? null
    return mean === null ? Infinity : by.pick === 'highest' ? -mean : mean
  }
  return segments.toSorted((a, b) => rank(a) - rank(b))[0]
}
