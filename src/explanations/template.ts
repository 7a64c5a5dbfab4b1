import type { CitedReason, Evidence } from './evidence.ts'
import type { Explanation, Locale } from './explanation.ts'
import { compose, type Plan } from './clauses.ts'

/** To be raised whenever the wording of a language changes. */
const TEMPLATE_VERSION = 'template-6'

const MOST_CLAUSES = 2

/** Puts evidence into one or two sentences, a reason each. The same evidence always gives the same text. */
export function explain(evidence: Evidence, locale: Locale = 'en'): Explanation {
  const sentences = compose(evidence, planOf(evidence), locale, MOST_CLAUSES)
  return {
    text: sentences.map(({ text }) => text).join(' '),
    sentences,
    source: 'TEMPLATE',
    model: null,
    promptVersion: TEMPLATE_VERSION,
    generatedAt: new Date(),
    locale,
    evidence,
  }
}

function planOf({ cited }: Evidence): Plan {
  const clauses = inOrderOfTelling(cited).map(({ id }) => ({
    evidence: id,
    wording: 0,
    link: 'stop' as const,
  }))
  return { tone: 'plain', clauses }
}

/** Of the two strongest, what sells comes second: who asks why wants to hear of themselves first. */
function inOrderOfTelling(cited: readonly CitedReason[]): readonly CitedReason[] {
  const [first, second, ...rest] = cited
  return second !== undefined && first.reason.kind === 'POPULAR' ? [second, first, ...rest] : cited
}
