/**
 * Asks a real language model for explanations of the corpus's evidence, and prints what it chose, how many of its
 * answers could be used, and what that cost: npm run try:openai
 */
import { readEnvironmentFile } from '../src/cli/environment-file.ts'
import { LOCALES } from '../src/explanations/explanation.ts'
import { openExplainer } from '../src/explanations/open-explainer.ts'
import { languageModelSettings } from '../src/server/language-model-settings.ts'
import { SCENARIOS } from './explanations/corpus/scenarios.ts'

readEnvironmentFile()
if (!process.env['OPENAI_API_KEY'] && !process.env['OPENAI_BASE_URL']) {
  console.log('OPENAI_API_KEY is not set, in the environment or in .env: nothing was called.')
  process.exit(0)
}

const log = {
  info: (details: object, message: string) => console.error(message, JSON.stringify(details)),
  warn: (details: object, message: string) => console.error(message, JSON.stringify(details)),
}
const settings = { ...languageModelSettings({}, null), store: null, budget: 0.1 }
const { explainer } = await openExplainer(settings, log)
const evidence = Object.values(SCENARIOS)
const segments = ['Repeat Loyalists', 'High-Value Buyers', 'At Risk']
const asked = evidence.flatMap((of) =>
  segments.flatMap((segment) =>
    LOCALES.map((locale) => ({ of: Object.assign({}, of, { segment }), locale })),
  ),
)
const explanations = await Promise.all(asked.map(({ of, locale }) => explainer.explain(of, locale)))
for (const { text, source } of explanations) console.log(`${source}: ${text}`)
const { tokens, money, written, rejected, failed } = explainer.counts
console.log(
  `${settings.model}: ${written} of ${asked.length} explanations chosen by it ` +
    `(${((100 * written) / asked.length).toFixed(1)} %), ${rejected} answers rejected, ${failed} calls failed; ` +
    `${tokens} tokens, ${money.toFixed(6)} in the currency of its price`,
)
if (failed > 0) process.exitCode = 1
