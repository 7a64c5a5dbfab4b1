import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Option } from 'commander'
import envPaths from 'env-paths'
import { type Explainer, templateExplainer } from '../explanations/explainer.ts'
import { openExplainer } from '../explanations/open-explainer.ts'
import { explanationConfig } from '../server/explanation-config.ts'
import type { Log } from '../store/explanation-store.ts'
import { say } from './narration.ts'
import { storeNamed } from './store.ts'

/** What `writerOptions()` parse to. */
export interface WriterOptions {
  llm?: boolean
  llmModel?: string
  store?: string
}

export interface Writer {
  readonly explainer: Explainer
  close(): void
}

/**
 * Who puts reasons into words, for the commands that explain.
 * @param store  what `--store` is for
 */
export function writerOptions(
  store = 'keeps its texts, and what they cost (default: $EXPLANATION_STORE, else $STORE)',
): Option[] {
  return [
    new Option(
      '--llm',
      'have a language model write the explanations; needs $OPENAI_API_KEY or $OPENAI_BASE_URL',
    ),
    new Option('--llm-model <name>', 'which one (default: $LLM_MODEL, else gpt-4o-mini)').implies({
      llm: true,
    }),
    new Option('--store <file>', store),
  ]
}

/**
 * Opens who writes: a language model if `--llm` asks for one, else templates.
 * @param budget  money that may be spent from now on; left out: what the day's budget holds
 * @throws {Error} naming the setting that is wrong or missing
 */
export async function openWriter(
  options: WriterOptions,
  log: Log = plainLog,
  budget?: number,
): Promise<Writer> {
  if (!options.llm) return { explainer: templateExplainer(), close: () => {} }
  const file =
    storeNamed(undefined) ?? join(envPaths('rationale', { suffix: '' }).data, 'explanations.sqlite')
  const settings = explanationConfig({ model: options.llmModel, store: options.store }, file)
  return openExplainer(budget === undefined ? settings : { ...settings, budget }, log)
}

/** Reads a file `.env` of this folder, if there is one; what the environment says already stands. */
export function readEnvironmentFile(): void {
  if (existsSync('.env')) process.loadEnvFile('.env')
}

const plainLog: Log = {
  info: () => {},
  warn: (details, message) => {
    const { err } = details as { err?: { message: string } }
    say(err === undefined ? message : `${message} (${err.message})`)
  },
}
