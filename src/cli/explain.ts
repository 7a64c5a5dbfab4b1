import type { Command } from 'commander'
import { Option } from 'commander'
import type { Recommender } from '../engine/recommender.ts'
import { rejectionRate } from '../explanations/counts.ts'
import { gatherEvidence } from '../explanations/evidence.ts'
import type { Explainer } from '../explanations/explainer.ts'
import { type Explanation, LOCALES, type Locale } from '../explanations/explanation.ts'
import type { Model } from '../model/model.ts'
import { abortOnInterruption } from './interruption.ts'
import { say, showProgress } from './progress.ts'
import { withRecommender, labelProduct } from './open-model.ts'
import { jsonOption, modelOption, number, filled, wholeNumber } from './options.ts'
import { onOneLine } from './plain-text.ts'
import { printResult, count, table } from './result.ts'
import { openWriter, type WriterOptions, writerOptions } from './language-model.ts'
import { readEnvironmentFile } from './environment-file.ts'

interface ExplainOptions extends WriterOptions {
  model: string
  customer?: string
  first: number
  locale: Locale
  warm?: boolean
  segment?: string
  budget?: number
  json?: boolean
}

type Explained = Awaited<ReturnType<typeof explainCustomer>>

const EXAMPLES = `
Examples:
  rationale explain --model shop.model --customer customer-1 --first 3 --locale pt-BR
  rationale explain --model shop.model --customer customer-1 --llm
  rationale explain --model shop.model --warm --segment "Most Frequent" --budget 0.50

A language model is configured by the environment, or by a file .env: OPENAI_API_KEY, OPENAI_BASE_URL, LLM_MODEL,
LLM_STYLE, LLM_PRICE, LLM_MONEY_PER_DAY, LLM_TOKENS_PER_DAY, LLM_TIMEOUT, LLM_RETRIES, LLM_CONCURRENCY, EXPLANATION_STORE.`

export function addExplain(program: Command): void {
  const command = program
    .command('explain')
    .description('explain recommendations in words, or let a language model write many in advance')
    .addOption(modelOption())
    .addOption(new Option('--customer <id>', 'a customer of the model').argParser(filled).conflicts('warm'))
    .addOption(
      new Option('--first <n>', 'how many recommendations to explain').argParser(wholeNumber(1)).default(3),
    )
    .addOption(new Option('--locale <tag>', 'the language to write in').choices(LOCALES).default('en'))
    .addOption(
      new Option(
        '--warm',
        'write and store the explanations of many customers; continues where it was stopped',
      )
        .implies({ llm: true })
        .conflicts('customer'),
    )
    .option('--segment <name>', 'with --warm: only the customers of this segment', filled)
    .addOption(
      new Option('--budget <money>', 'with --warm: the most that this run may spend').argParser(number),
    )
    .addHelpText('after', EXAMPLES)
  for (const option of [...writerOptions(), jsonOption()]) command.addOption(option)
  command.action(async (options: ExplainOptions) => {
    if (!options.customer && !options.warm) command.error('error: name a --customer, or --warm many')
    if (!options.warm && (options.segment ?? options.budget) !== undefined) {
      command.error('error: --segment and --budget need --warm')
    }
    readEnvironmentFile(options.llm)
    const signal = abortOnInterruption()
    const writer = await openWriter(options, undefined, options.budget)
    try {
      await withRecommender(options.model, async (recommender) => {
        if (options.warm)
          printResult(await warm(recommender, writer.explainer, options, signal), options, renderWarming)
        else
          printResult(
            await explainCustomer(recommender, writer.explainer, options, signal),
            options,
            renderExplained,
          )
      })
    } finally {
      writer.close()
    }
  })
}

async function explainCustomer(
  recommender: Recommender,
  explainer: Explainer,
  { customer: id = '', first, locale }: ExplainOptions,
  signal: AbortSignal,
) {
  const { model } = recommender
  const customer = recommender.customerIndex(id)
  const [{ items }] = await recommender.recommend([{ customer, first }])
  const explained = await Promise.all(
    items.map(async (item) => {
      const explanation = await explainer.explain(gatherEvidence(model, item, { customer }), locale, signal)
      return Object.assign({ rank: item.rank }, labelProduct(model, item.product), {
        explanation: record(explanation),
      })
    }),
  )
  signal.throwIfAborted()
  return { customer: id, locale, items: explained, money: explainer.counts.money }
}

function record({ evidence, ...explanation }: Explanation) {
  const cited = evidence.cited.map(({ id, reason: { kind, amount, share } }) => ({ id, kind, amount, share }))
  return { ...explanation, evidence: cited }
}

function renderExplained({ customer, items }: Explained): string {
  return [onOneLine(customer), ...items.map(renderItem)].join('\n\n')
}

function renderItem({ rank, sku, name, category, explanation }: Explained['items'][number]): string {
  const product = onOneLine([name, sku, category].filter(Boolean).join(' · '))
  const percents = explanation.evidence.map(({ share }) => Math.round(100 * share))
  const rest = 100 - percents.reduce((sum, percent) => sum + percent, 0)
  const evidence = explanation.evidence.map(({ id, kind }, i) => `${id} ${kind} ${percents[i]} %`)
  // The shares of all reasons sum to 1, or are all 0; rounding may lose a point.
  const uncited = 1 - explanation.evidence.reduce((sum, { share }) => sum + share, 0)
  if (rest > 0 && uncited >= 0.005 && uncited < 1) evidence.push(`other reasons ${rest} %`)
  const writer =
    explanation.source === 'LLM_UNVERIFIED'
      ? `${explanation.model}, unverified`
      : (explanation.model ?? 'template')
  const lines = [explanation.text, [writer, ...evidence].join(' · ')]
  return [`${String(rank).padStart(3)}  ${product}`, ...lines.map((line) => `     ${onOneLine(line)}`)].join(
    '\n',
  )
}

export interface WarmingOptions {
  readonly first: number
  readonly locale: Locale
  readonly segment?: string
}

/** Customers in one batch. */
const BATCH = 16

/**
 * Writes explanations in advance. Stored ones are not written again, so that a run that was stopped, or whose budget was
 * spent, continues where it ended.
 * @throws {Error} for an unknown segment, and if the language model keeps failing
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
          'the language model keeps failing: texts written so far are stored; run the same command again later',
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

/** The result of writing in advance, as text. */
export function renderWarming(warmed: Awaited<ReturnType<typeof warm>>): string {
  const rows = table('lr', [
    ['customers', `${count(warmed.customers)} of ${count(warmed.of)}`],
    ['written', count(warmed.written)],
    ['stored before', count(warmed.cached)],
    ['rejected texts', `${count(warmed.rejected)} (${(100 * rejectionRate(warmed)).toFixed(1)} %)`],
    ['failed calls', count(warmed.failed)],
    ['tokens', count(warmed.tokens)],
    ['money', warmed.money.toFixed(4)],
  ])
  return warmed.budgetSpent ? `${rows}\nThe budget is spent: run the same command again to continue.` : rows
}

function customersOf({ summary, segments, histories }: Model, segment: string | undefined): number[] {
  if (summary.withoutHistories)
    throw new Error('the model was trained without histories: it holds no customers to explain anything to')
  const code = segment === undefined ? undefined : segments.labels.indexOf(segment)
  if (code === -1)
    throw new Error(`there is no segment "${segment}": there are ${segments.labels.join(', ')}`)
  return Array.from({ length: histories.rows }, (_, customer) => customer)
    .filter((customer) => histories.indptr[customer + 1] > histories.indptr[customer])
    .filter((customer) => code === undefined || segments.codes[customer] === code)
}
