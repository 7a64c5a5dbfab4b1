import type { CitedReason, Evidence } from './evidence.ts'
import type { Explanation, Locale } from './explanation.ts'
import { compose, type Plan } from './clauses.ts'

/** Raise it whenever the wording of a language changes. */
const TEMPLATE_VERSION = 'template-6'

const MOST_CLAUSES = 2

/** Writes one or two sentences, one for each reason. The same evidence always gives the same text. */
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
  const clauses = inOrderOfText(cited).map(({ id }) => ({
    evidence: id,
    wording: 0,
    link: 'stop' as const,
  }))
  return { tone: 'plain', clauses }
}

/** Of the two strongest reasons, popularity comes second: reasons about the customer come first. */
function inOrderOfText(cited: readonly CitedReason[]): readonly CitedReason[] {
  const [first, second, ...rest] = cited
  return second !== undefined && first.reason.kind === 'POPULAR' ? [second, first, ...rest] : cited
}
