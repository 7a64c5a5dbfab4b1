/**
 * What a model without histories was trained on of single customers: read from the store that it was trained on, and put
 * together as training does, so that histories, features and segments are those of the whole model, to the last bit.
 */
import { csrFromTriples } from '../kernels/csr.ts'
import {
  type CustomerFeature,
  customerFeatures,
  featureMatrix,
  featuresOfCustomer,
  UNKNOWN_FEATURES,
} from '../model/customer-features.ts'
import { historyDetails, orderContents } from '../model/history-details.ts'
import type { Model } from '../model/model.ts'
import { latestSale } from '../model/sales.ts'
import { nearestSegment } from '../model/segment-centroids.ts'
import type { CustomerPast, EventStore } from '../store/event-store.ts'
import { StoredPurchases } from '../store/stored-purchases.ts'
import type { HistoryEntry } from './history-entry.ts'
import { entriesIn, latestFirst } from './history.ts'

/** The latest purchases and returns of a customer that are read; others are as if they had never been. */
export const MOST_PAST = 20_000

/** What a model was trained on of one customer. */
export interface TrainedCustomer {
  /** Each product once, the latest first, those of unknown time last. */
  readonly history: readonly HistoryEntry[]
  /** Null unknown. */
  readonly features: Readonly<Record<CustomerFeature, number | null>>
  /** Null without a purchase, and where the shop gives the segments and none to this customer. */
  readonly segment: string | null
}

/** Whether a model holds no customers, and was trained on the events of this store, which therefore has their histories. */
export async function hasHistoriesOf(
  events: Pick<EventStore, 'watermark'>,
  { withoutHistories, trainedOn }: Model['summary'],
): Promise<boolean> {
  return withoutHistories === true && trainedOn !== undefined && (await isTrainedOn(events, trainedOn.store))
}

/** Whether these are the events of a store. @throws {StoreError} if it cannot be read */
export async function isTrainedOn(events: Pick<EventStore, 'watermark'>, store: string): Promise<boolean> {
  return (await events.watermark())?.store === store
}

/**
 * Looks a batch of customers up in one call of the store.
 * @param model  one for which `hasHistoriesOf` the store is true
 * @param customers  by the shop's own ids; those who never bought have nothing
 * @throws {StoreError} if the events cannot be read
 */
export async function trainedCustomers(
  model: Pick<Model, 'products' | 'sales' | 'segments' | 'segmentCentroids' | 'summary'>,
  events: Pick<EventStore, 'pasts'>,
  customers: readonly string[],
): Promise<readonly TrainedCustomer[]> {
  const { receivedThrough = -1 } = model.summary.trainedOn ?? {}
  const pasts = await events.pasts(customers, MOST_PAST, receivedThrough)
  const latest = latestSale(model.sales)
  return pasts.map((past) => trainedOf(model, past, latest))
}

/** @param latest  the time of the shop's latest sale */
function trainedOf(
  { products, segments, segmentCentroids }: Parameters<typeof trainedCustomers>[0],
  { purchases, segment: given }: CustomerPast,
  latest: number,
): TrainedCustomer {
  const bought = new StoredPurchases()
  for (const purchase of purchases) bought.add(purchase)
  const sales = bought.sales()
  const segment = given !== null && segments.labels.includes(given) ? given : null
  if (sales === undefined) return { history: [], features: UNKNOWN_FEATURES, segment }
  const { interactions, products: own } = sales
  const histories = csrFromTriples(
    1,
    own.size,
    interactions.customer,
    interactions.product,
    interactions.quantity,
  )
  const details = historyDetails(sales, histories, orderContents(sales))
  const features = customerFeatures(sales, histories, latest)
  const history = entriesIn({ histories, ...details }, 0).flatMap((entry) => {
    const product = products.indexOf(own.at(entry.product))
    return product < 0 ? [] : [{ ...entry, product }]
  })
  return {
    history: latestFirst(history),
    features: featuresOfCustomer(featureMatrix(features), 0),
    segment: segmentCentroids
      ? (segments.labels[nearestSegment(segmentCentroids, features)] ?? null)
      : segment,
  }
}
