/** What tells the segment of a customer: the centroids that segments.ts found, and where a customer lies among them. */
import { z } from 'zod'
import { CUSTOMER_FEATURES, type CustomerFeatures } from './customer-features.ts'
import { standardised } from './standardise.ts'

/** The rules of `SegmentCentroids` read back from a model file. */
export const segmentCentroidsSchema = z.strictObject({
  columns: z.array(
    z.strictObject({
      feature: z.enum(CUSTOMER_FEATURES),
      unit: z.number().positive(),
      mean: z.number(),
      deviation: z.number().nonnegative(),
    }),
  ),
  centroids: z.array(z.array(z.number())).nonempty(),
})

/**
 * What the segments that were found are told by: the features that customers vary in, with their scales, and the centroid
 * of each segment over these.
 */
export type SegmentCentroids = z.infer<typeof segmentCentroidsSchema>

/**
 * The segment of a customer, as training tells it: an index of the labels; −1 for who never bought.
 * @param features  of the customer alone
 */
export function nearestSegment({ columns, centroids }: SegmentCentroids, features: CustomerFeatures): number {
  if (!(features.frequency[0] > 0)) return -1
  const point = columns.map(({ feature, ...scale }) => standardised(features[feature][0], scale))
  return nearest(centroids, point)
}

/** The centroid at the least distance from a point; ties to the first. */
export function nearest(centroids: readonly (readonly number[])[], point: readonly number[]): number {
  let [best, least] = [0, Infinity]
  centroids.forEach((centroid, i) => {
    const distance = point.reduce((sum, value, d) => sum + (value - centroid[d]) * (value - centroid[d]), 0)
    if (distance < least) [best, least] = [i, distance]
  })
  return best
}
