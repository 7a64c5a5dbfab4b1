import { contentFingerprint } from '../../data/content-fingerprint.ts'
import type { Dataset } from '../../data/dataset.ts'

/**
 * The data set without the segments that the shop gives its customers: those were made of the customers' whole
 * history, the part that is held out included (a "repeat" customer is one who came back). Systems find segments of
 * their own in what they may see.
 */
export function withoutGivenSegments(dataset: Dataset): Dataset {
  if (dataset.segments === undefined) return dataset
  const { segments: _, fingerprint: __, ...rest } = dataset
  return { ...rest, fingerprint: contentFingerprint(rest) }
}

/**
 * Like `withoutGivenSegments`, and without what happened to orders later: a review is written and a delivery made
 * weeks after the purchase, and a data set does not say when. Whatever was bought before a cut may have been
 * reviewed after it.
 */
export function withoutHindsight(dataset: Dataset): Dataset {
  const { segments: _, fingerprint: __, cancelled: ___, warnings: ____, ...rest } = dataset
  const { count, customer, timestamp } = dataset.orders
  const known = { ...rest, orders: { count, customer, timestamp } }
  return { ...known, fingerprint: contentFingerprint(known) }
}
