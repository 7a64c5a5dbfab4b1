/**
 * How much lists change by a retraining: of customers with new events, the products that a list of ten by the old model
 * and the events shares with a list of ten by a model that was trained on both.
 */
import { keepInteractions } from '../../src/data/subset.ts'
import { readDataset } from '../../src/data/read.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { trainModel } from '../../src/engine/train.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { configure } from '../../src/model/configuration.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { purchaseEvents } from '../../src/store/purchase-events.ts'
import { openEvents } from '../../src/store/open-events.ts'

export interface AgreementOptions {
  readonly data: string
  /** Numbers of new events. */
  readonly events: readonly number[]
}

/** How far two models agree after some new events. */
export interface Agreement {
  readonly events: number
  /** Customers with any of them, of those that are asked about. */
  readonly customers: number
  /** The mean share of ten products that both lists hold, 0 to 1. */
  readonly overlap10: number
}

/** The most customers that are asked about. */
const ASKED = 500
const LENGTH = 10

export async function benchAgreement({ data, events: counts }: AgreementOptions): Promise<Agreement[]> {
  const dataset = await readDataset(data)
  const { order } = dataset.interactions
  const times = Array.from(order, (one) => dataset.orders.timestamp[one])
  const byTime = [...times.keys()]
    .filter((i) => !Number.isNaN(times[i]))
    .sort((a, b) => times[a] - times[b] || a - b)
  const most = Math.max(...counts)
  const before = new Set(byTime.slice(0, -most))
  const kernels = await openKernels()
  const train = (kept: Set<number>) =>
    trainModel(
      keepInteractions(dataset, (i) => kept.has(i)),
      configure('default'),
      kernels,
      { effort: 'quick' },
    )
  const old = await train(before)
  const found: Agreement[] = []
  for (const count of counts.toSorted((a, b) => a - b)) {
    const added = byTime.slice(before.size, before.size + count)
    const both = new Set([...before, ...added])
    const retrained = new Recommender(await train(both), kernels)
    const log = openEvents(IN_MEMORY)
    await log.append([...purchaseEvents(keepInteractions(dataset, (i) => both.has(i) && !before.has(i)))])
    const folded = new Recommender(old, kernels, { events: log })
    const ids = [...new Set(added.map((i) => dataset.customers.at(dataset.interactions.customer[i])))].slice(
      0,
      ASKED,
    )
    const at = times[byTime[before.size + count - 1]]
    const lists = await Promise.all(
      [folded, retrained].map(async (recommender) => {
        const customers = await Promise.all(ids.map((id) => recommender.customerKey(id)))
        const asked = await recommender.recommend(
          customers.map((customer) => ({ customer, first: LENGTH, at })),
        )
        return asked.map(({ items }) => items.map(({ product }) => recommender.model.products.at(product)))
      }),
    )
    const overlaps = ids.map((_, i) => lists[0][i].filter((sku) => lists[1][i].includes(sku)).length / LENGTH)
    found.push({
      events: count,
      customers: ids.length,
      overlap10: overlaps.reduce((sum, value) => sum + value, 0) / overlaps.length,
    })
    folded.close()
    retrained.close()
    await log.close()
  }
  await kernels.close()
  return found
}

export function describeAgreement(rows: readonly Agreement[]): string[] {
  return rows.map(
    ({ events, customers, overlap10 }) =>
      `${events} new events: lists of ${customers} customers share ${(100 * overlap10).toFixed(0)} % of their ten products`,
  )
}
