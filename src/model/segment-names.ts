import type { CustomerFeature } from './customer-features.ts'
import type { SegmentProfile } from './model.ts'

interface Criterion {
  readonly feature: CustomerFeature
  readonly pick: 'highest' | 'lowest'
}

/**
 * How segments get their names: in this order, each name goes to the segment, of those that have none yet, whose
 * mean of the feature is the highest or the lowest. Where a name has two features, the first that varies among the
 * shop's customers decides; where none does, the name is not given and there is one segment fewer. The last name
 * takes what is left.
 *
 * The names are those of the project Rationale began as. That one clustered by the sentiment of review texts too,
 * which shops' data seldom holds: "engaged" and "silent" therefore mean only bought lately, and longer ago.
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

/** The number of segments that can be named in a shop whose customers vary in these features. */
export function segmentCount(varying: readonly CustomerFeature[]): number {
  return NAMING_RULES.filter(({ by }) => by.some(({ feature }) => varying.includes(feature))).length + 1
}

/**
 * The name of each segment, in the order given; all different.
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
