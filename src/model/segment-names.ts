import type { CustomerFeature } from './customer-features.ts'
import type { SegmentProfile } from './model.ts'

interface Criterion {
  readonly feature: CustomerFeature
  readonly pick: 'highest' | 'lowest'
}

/** How the segments that are found get their names. */
export type Naming = 'measured' | 'notebook'

/**
 * How segments get the notebook's names: in this order, each name goes to the segment, of those that have none yet, whose
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

/** The name where there is nothing to tell customers apart by, or fewer distinct customers than names. */
export const ONE_SEGMENT = 'All Customers'

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

/** Without reviews customers are told apart by these (RFM: recency, frequency, monetary value). */
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
  const told = varying.includes('reviewScore') ? varying : varying.filter((feature) => RFM.has(feature))
  const said = SUPERLATIVES.filter(({ feature }) => told.includes(feature))
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
  // What differs in nothing that is told has a number for a name.
  return names.map((name, segment) => name || `Group ${segment + 1}`)
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
    const chosen = criterion ? best(unnamed, means, criterion) : unnamed[0]
    if (chosen !== undefined) names[chosen] = name
  }
  return names
}

function best(segments: readonly number[], means: readonly SegmentProfile['means'][], by: Criterion) {
  const rank = (segment: number) => {
    const mean = means[segment][by.feature] ?? null
    return mean === null ? Infinity : by.pick === 'highest' ? -mean : mean
  }
  return segments.toSorted((a, b) => rank(a) - rank(b))[0]
}
