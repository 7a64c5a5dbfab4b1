/**
 * The evidence that the corpus speaks of. lies.*.txt and truths.*.txt were written before the clauses were: what people
 * may say, and may not, of each scenario. A truth names the evidence it rests on: `e1 e3 | text`.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Evidence } from '../../../src/explanations/evidence.ts'
import type { Locale } from '../../../src/explanations/explanation.ts'
import {
  before,
  bought,
  desk,
  evidenceOf,
  inCart,
  inCategory,
  inOneOrder,
  lamp,
  lookedAt,
  NEAR_WEIGHT,
  popular,
  resemblance,
  SAME_COLOUR,
  taste,
  together,
  viewed,
  withSeller,
} from '../some-evidence.ts'

const tools = { sku: 'f'.repeat(32), name: null, category: 'garden_tools' }
const bath = { sku: '9'.repeat(32), name: null, category: 'bed_bath_table' }

export const SCENARIOS: Readonly<Record<string, Evidence>> = {
  basics: evidenceOf([taste(), together(), popular()]),
  alike: evidenceOf([resemblance(), inCategory()]),
  seller: evidenceOf([withSeller(), taste()]),
  page: evidenceOf([inOneOrder(12), resemblance([SAME_COLOUR, NEAR_WEIGHT], lookedAt(desk))]),
  basket: evidenceOf([together(1, bought(lamp, null)), taste(bought(desk, null))]),
  repeat: evidenceOf([before(3), popular()]),
  interest: evidenceOf([viewed(), inCart(lamp), popular()]),
  nameless: evidenceOf([taste(bought(tools)), popular(1200, null)], bath),
}

/** A line of the corpus. */
export interface CorpusLine {
  readonly kind: string
  readonly scenario: string
  readonly evidence: Evidence
  /** Ids of what a truth rests on; of a lie none. */
  readonly ids: readonly string[]
  readonly text: string
}

/** Reads one file of the corpus. */
export function corpus(what: 'lies' | 'truths', locale: Locale): CorpusLine[] {
  const lines = readFileSync(join(import.meta.dirname, `${what}.${locale}.txt`), 'utf8').split('\n')
  let [kind, scenario] = ['', '']
  return lines.flatMap((line) => {
    const heading = /^## (.*) @ (\w+)$/.exec(line)
    if (heading) [, kind, scenario] = heading
    if (line === '' || line.startsWith('#')) return []
    const [, ids, text] = what === 'truths' ? (/^((?:e\d ?)+)\| (.*)$/.exec(line) ?? []) : ['', '', line]
    if (ids === undefined || text === undefined)
      throw new Error(`${what}.${locale}.txt: not a line of the corpus: ${line}`)
    return { kind, scenario, evidence: SCENARIOS[scenario], ids: ids.split(' ').filter(Boolean), text }
  })
}
