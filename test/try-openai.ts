/** Makes one real call of a language model and prints what it wrote and cost: npm run try:openai */
import { readEnvironmentFile } from '../src/cli/writer.ts'
import { openExplainer } from '../src/explanations/open-explainer.ts'
import { explanationConfig } from '../src/server/explanation-config.ts'
import { evidenceOf, resemblance, together } from './explanations/some-evidence.ts'

readEnvironmentFile()
if (!process.env['OPENAI_API_KEY']) {
  console.log('OPENAI_API_KEY is not set, in the environment or in .env: nothing was called.')
  process.exit(0)
}

const log = {
  info: (details: object, message: string) => console.error(message, JSON.stringify(details)),
  warn: (details: object, message: string) => console.error(message, JSON.stringify(details)),
}
const { explainer } = await openExplainer({ ...explanationConfig({}, null), store: null }, log)
const { text, source, model } = await explainer.explain(evidenceOf([resemblance(), together()]), 'en')
const { tokens, money, failed } = explainer.counts
console.log(text)
console.log(`${model ?? source}: ${tokens} tokens, $${money.toFixed(6)}`)
if (failed > 0) process.exitCode = 1
