import { setTimeout } from 'node:timers/promises'
import type { Recommendation } from '../engine/recommendation.ts'
import type { ListRequest } from '../engine/what-if.ts'
import { gatherEvidence } from '../explanations/evidence.ts'
import type { Explanation, Locale } from '../explanations/explanation.ts'
import type { Context } from './context.ts'
import { FEW, seesExactCounts } from './small-counts.ts'

/**
 * Milliseconds that a language model is asked later, so that the list has reached its reader and not only left: asking
 * for ten explanations keeps the processor busy, and writing them takes a hundred times as long.
 */
const HEAD_START = 10

/**
 * Puts a recommendation's reasons into words, for as long as the client is there to read them. What is deferred begins
 * only after the list has gone out: reasons are worked out when they are first read, and that takes its time, too.
 */
export async function explanationOf(
  recommendation: Pick<Recommendation, 'product' | 'reasons'> & { readonly list: ListRequest },
  locale: Locale,
  context: Context,
): Promise<Explanation> {
  const { recommender, explainer, signal, work } = context
  if (explainer.source !== undefined) await setTimeout(HEAD_START)
  await work.turn()
  const gathered = work.time(() => gatherEvidence(recommender.model, recommendation, recommendation.list))
  const evidence = seesExactCounts(context) ? gathered : { ...gathered, exactFrom: FEW }
  return explainer.explain(evidence, locale, signal)
}
