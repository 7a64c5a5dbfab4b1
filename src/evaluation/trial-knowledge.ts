/** What the measures and slices of an evaluation know of a trial's products and customers: of its training alone. */
import { csrFromTriples } from '../kernels/csr.ts'
import { contentColumns } from '../model/content-columns.ts'
import { contentFeatures } from '../model/content.ts'
import type { ContentFeatures } from '../model/model.ts'
import { meanPrice } from '../model/price.ts'
import { segmentCustomers } from '../model/segments.ts'
import type { SegmentOf } from './slices.ts'
import type { Trial } from './trial.ts'

/** The content features of a trial's products, one-hot: rows of unit length, or all 0. */
export function trialFeatures({ train }: Trial): ContentFeatures {
  return contentFeatures(contentColumns(train, meanPrice(train), 'one-hot'), train.products.size)
}

/** The segment of a case's customer by training data alone; none for a customer unknown to training. */
export function trialSegments(seed: number): SegmentOf {
  const labels = new Map<Trial, (customer: number) => string | null>()
  return (trial, { customer }) => {
    let labelOf = labels.get(trial)
    if (labelOf === undefined) labels.set(trial, (labelOf = segmentsOf(trial, seed)))
    return labelOf(customer)
  }
}

function segmentsOf({ train }: Trial, seed: number): (customer: number) => string | null {
  const { customer, product, quantity } = train.interactions
  const histories = csrFromTriples(train.customers.size, train.products.size, customer, product, quantity)
  const { segments } = segmentCustomers(train, histories, seed)
  return (who) => (who < 0 ? null : (segments.labels[segments.codes[who]] ?? null))
}
