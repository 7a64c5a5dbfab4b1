import { generateShop } from '../../src/data/demo-shop.ts'
import type { Dataset } from '../../src/data/dataset.ts'
import { readDataset } from '../../src/data/read.ts'
import { DEMO_SHOP } from '../../src/cli/serve.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { trainModel } from '../../src/engine/train.ts'
import type { Evidence } from '../../src/explanations/evidence.ts'
import { LOCALES } from '../../src/explanations/explanation.ts'
import { openExplainer } from '../../src/explanations/open-explainer.ts'
import { explain } from '../../src/explanations/template.ts'
import { openKernels } from '../../src/kernels/open.ts'
import type { Kernels } from '../../src/kernels/kernels.ts'
import { configure } from '../../src/model/configuration.ts'
import {
  BEHAVIOURS,
  type Behaviour,
  COOPERATIVE,
  loopbackSettings,
  type OpenAiServer,
  PROMISE,
  silentLog,
  startOpenAiServer,
} from '../explanations/openai-server.ts'
import { type DeferredList, timeDeferredList } from './deferred-list.ts'
import { type ListedEvidence, listedEvidence, spread } from './listed-evidence.ts'
import { readOlist } from './matrices.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface ExplanationsOptions {
  /** Recommendations of each list of each shop, at most. */
  readonly recommendations: number
  /** How many explanations are printed, in each language. */
  readonly show: number
}

/** Of one shop: how many answers of a language model are used, and what a lying one gets to a reader. */
export interface Faithfulness {
  readonly shop: string
  readonly lists: readonly FaithfulList[]
  readonly behaviours: readonly {
    readonly behaviour: Behaviour
    readonly explanations: number
    readonly byLanguageModel: number
    /** Explanations that hold words of its own; of a model that gives no choice, all that are not the template's. */
    readonly unsupported: number
  }[]
  readonly shown: readonly string[]
}

/** Of one kind of list. */
interface FaithfulList {
  readonly list: string
  readonly recommendations: number
  readonly withoutEvidence: number
}

export interface ExplanationsReport {
  readonly shops: readonly Faithfulness[]
  readonly deferred: DeferredList
}

/** Explanations asked of each behaviour: enough for each kind of evidence. */
const ASKED = 200
const CHOOSING: ReadonlySet<Behaviour> = new Set(COOPERATIVE)

/** @throws where Olist's data is missing */
export async function benchExplanations(options: ExplanationsOptions): Promise<ExplanationsReport> {
  const kernels = await openKernels()
  const openAi = await startOpenAiServer()
  const shops: Faithfulness[] = []
  let deferred: DeferredList | undefined
  for (const [shop, read] of [
    ['demo shop', readDemoShop],
    ['Olist', readOlist],
  ] as const) {
    const recommender = await train(await read(), kernels)
    shops.push(await measure(shop, recommender, openAi, options))
    deferred ??= await timeDeferredList(recommender)
    recommender.close()
  }
  await openAi.close()
  await kernels.close()
  return { shops, deferred: deferred! }
}

async function readDemoShop(): Promise<Dataset> {
  const directory = temporaryFolder()
  await generateShop({ ...DEMO_SHOP, directory })
  return readDataset(directory)
}

async function train(dataset: Dataset, kernels: Kernels): Promise<Recommender> {
  return new Recommender(await trainModel(dataset, configure('default'), kernels), kernels)
}

async function measure(
  shop: string,
  recommender: Recommender,
  openAi: OpenAiServer,
  { recommendations, show }: ExplanationsOptions,
): Promise<Faithfulness> {
  const lists = await listedEvidence(recommender, recommendations)
  const evidence = lists.flatMap((list) => list.evidence)
  const behaviours = []
  for (const behaviour of BEHAVIOURS) {
    console.error(`  ${shop}: ${behaviour}`)
    behaviours.push(await askAll(spread(evidence, ASKED), behaviour, openAi))
  }
  return {
    shop,
    lists: lists.map(measureList),
    behaviours,
    shown: await texts(spread(evidence, show), openAi),
  }
}

function measureList({ list, evidence }: ListedEvidence): FaithfulList {
  return {
    list,
    recommendations: evidence.length,
    withoutEvidence: evidence.filter(({ cited }) => cited.length === 0).length,
  }
}

async function askAll(evidence: readonly Evidence[], behaviour: Behaviour, openAi: OpenAiServer) {
  openAi.behave(behaviour)
  const { explainer } = await openExplainer(loopbackSettings(openAi), silentLog)
  const given = await Promise.all(
    evidence.map(async (of, i) => {
      const locale = LOCALES[i % LOCALES.length]
      const { sentences, source, text } = await explainer.explain(of, locale)
      const isSupported = CHOOSING.has(behaviour)
        ? !text.includes(PROMISE) && sentences.length > 0
        : text === explain(of, locale).text
      return { source, text, isSupported }
    }),
  )
  return {
    behaviour,
    explanations: given.length,
    byLanguageModel: given.filter(({ source }) => source === 'LLM').length,
    unsupported: given.filter(({ isSupported }) => !isSupported).length,
  }
}

/** What a cooperative model makes of them, in each language. */
async function texts(evidence: readonly Evidence[], openAi: OpenAiServer): Promise<string[]> {
  openAi.behave('right')
  const { explainer } = await openExplainer(loopbackSettings(openAi), silentLog)
  const pairs = evidence.flatMap((of) => LOCALES.map((locale) => [of, locale] as const))
  const explanations = await Promise.all(pairs.map(([of, locale]) => explainer.explain(of, locale)))
  return explanations.map(({ text }) => text)
}

/** The report for people. */
export function describeExplanations({ shops, deferred }: ExplanationsReport): string[] {
  return [
    ...shops.flatMap(describeShop),
    `the list of 10, p95 of ${deferred.requests} requests: ${milliseconds(deferred.plain)} without explanations, ` +
      `${milliseconds(deferred.deferred)} with them deferred (${percent(deferred.deferred / deferred.plain - 1)}); ` +
      `medians ${milliseconds(deferred.plainMedian)} and ${milliseconds(deferred.deferredMedian)}`,
  ]
}

function describeShop({ shop, lists, behaviours, shown }: Faithfulness): string[] {
  return [
    shop,
    ...lists.map(describeList),
    ...behaviours.map(
      ({ behaviour, explanations, byLanguageModel, unsupported }) =>
        `  language model, ${behaviour}: ${byLanguageModel} of ${explanations} by it, ${unsupported} unsupported`,
    ),
    ...shown.map((text) => `    ${text}`),
  ]
}

function describeList({ list, recommendations, withoutEvidence }: FaithfulList): string {
  return `  ${list}: ${recommendations} recommendations, ${withoutEvidence} of them without a reason that can be named`
}

const milliseconds = (value: number) => `${value.toFixed(2)} ms`

const percent = (share: number) => `${(100 * share).toFixed(1)} %`
