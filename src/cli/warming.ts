import type { Recommender } from '../engine/recommender.ts'
import { rejectionRate } from '../explanations/counts.ts'
import { gatherEvidence } from '../explanations/evidence.ts'
import type { Explainer } from '../explanations/explainer.ts'
import type { Locale } from '../explanations/explanation.ts'
import type { Model } from '../model/model.ts'
import { say, showProgress } from './narration.ts'
import { count, table } from './result.ts'

export interface WarmingOptions {
  readonly first: number
  readonly locale: Locale
  readonly segment?: string
}

/** Customers at a time. */
const BATCH = 16

/**
 * Has explanations written that will be asked for. What is kept already is not written again, so that a run that was
 * stopped, or whose budget was spent, goes on where it ended.
 * @throws {Error} naming a segment that there is not; and when the language model keeps failing
 */
export async function warm(
  recommender: Recommender,
  explainer: Explainer,
  { first, locale, segment }: WarmingOptions,
  signal: AbortSignal,
) {
  const { model } = recommender
  const { counts } = explainer
  const customers = customersOf(model, segment)
  say(`Explaining ${first} recommendations to each of ${count(customers.length)} customers`)
  const progress = showProgress('Explaining', 1)
  let done = 0
  try {
    while (done < customers.length && counts.refusedByBudget === 0) {
      const batch = customers.slice(done, done + BATCH)
      const lists = await recommender.recommend(batch.map((customer) => ({ customer, first })))
      await Promise.all(
        lists.flatMap(({ items }, i) =>
          items.map((item) =>
            explainer.explain(gatherEvidence(model, item, { customer: batch[i] }), locale, signal),
          ),
        ),
      )
      signal.throwIfAborted()
      if (counts.refusedByBreaker > 0) {
        throw new Error(
          'the language model keeps failing: what was written is kept, run the same command again later',
        )
      }
      done += batch.length
      progress.update(done / customers.length)
    }
  } finally {
    progress.stop()
  }
  return { customers: done, of: customers.length, budgetSpent: counts.refusedByBudget > 0, ...counts }
}

/** What a warming did, for people. */
export function renderWarming(warmed: Awaited<ReturnType<typeof warm>>): string {
  const rows = table('lr', [
    ['customers', `${count(warmed.customers)} of ${count(warmed.of)}`],
    ['written', count(warmed.written)],
    ['kept before', count(warmed.cached)],
    ['rejected texts', `${count(warmed.rejected)} (${(100 * rejectionRate(warmed)).toFixed(1)} %)`],
    ['failed calls', count(warmed.failed)],
    ['tokens', count(warmed.tokens)],
    ['money', warmed.money.toFixed(4)],
  ])
  return warmed.budgetSpent ? `${rows}\nThe budget is spent: the same command goes on from here.` : rows
}

function customersOf({ segments, histories }: Model, segment: string | undefined): number[] {
  const code = segment === undefined ? undefined : segments.labels.indexOf(segment)
  if (code === -1)
    throw new Error(`there is no segment "${segment}": there are ${segments.labels.join(', ')}`)
  return Array.from({ length: histories.rows }, (_, customer) => customer)
    .filter((customer) => histories.indptr[customer + 1] > histories.indptr[customer])
    .filter((customer) => code === undefined || segments.codes[customer] === code)
}
