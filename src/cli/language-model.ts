import type { Option } from 'commander'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { type Explainer, templateExplainer } from '../explanations/explainer.ts'
import { openExplainer } from '../explanations/open-explainer.ts'
import type { ExplanationStyle } from '../explanations/style.ts'
import { languageModelSettings } from '../server/language-model-settings.ts'
import { LANGUAGE_MODEL_SETTINGS, type Setting } from '../server/settings.ts'
import type { Log } from '../store/explanation-store.ts'
import { say } from './progress.ts'
import { settingOption } from './options.ts'
import { storeNamed } from './store.ts'

import envPaths from 'env-paths'

/** The parsed `writerOptions()`. */
export interface WriterOptions {
  llm?: boolean
  llmModel?: string
  llmStyle?: ExplanationStyle
  store?: string
}

interface Writer {
  readonly explainer: Explainer
  close(): void
}

/**
 * The options of commands that explain: the language model and its store.
 * @param store  the setting of `--store`
 */
export function writerOptions(
  store: Setting & { readonly flag: string } = LANGUAGE_MODEL_SETTINGS.store,
): Option[] {
  const { isAsked, model, style } = LANGUAGE_MODEL_SETTINGS
  return [
    settingOption(isAsked),
    settingOption(model).implies({ llm: true }),
    settingOption(style).implies({ llm: true }),
    settingOption(store),
  ]
}

/**
 * Opens the explainer: a language model with `--llm`, else templates.
 * @param budget  money that may be spent from now on; left out: the rest of the day's budget
 * @throws {Error} naming the setting that is invalid or missing
 */
export async function openWriter(
  options: WriterOptions,
  log: Log = plainLog,
  budget?: number,
): Promise<Writer> {
  if (!options.llm) return { explainer: templateExplainer(), close: () => {} }
  const file =
    storeNamed(undefined) ?? join(envPaths('rationale', { suffix: '' }).data, 'explanations.sqlite')
  const settings = languageModelSettings(
    {
      model: options.llmModel,
      style: options.llmStyle,
      store: options.store,
    },
    file,
  )
  return openExplainer(budget === undefined ? settings : { ...settings, budget }, log)
}

/** Settings of Node and of the network, which a `.env` file may not set: a downloaded folder must not turn off certificates. */
const FOREIGN = /^(NODE_(?!ENV$)|SSL_|OPENAI_(?!API_KEY$|BASE_URL$))|_PROXY$/i

/**
 * Reads a file `.env` of this folder, if there is one; variables that the environment already has are kept.
 *
 * A key from the environment is sent only to OpenAI or to the address in the environment, never to an address in the
 * file.
 * @param asksModel  whether a language model will be used
 * @throws {Error} if the key from the environment would be sent to the address in the file
 */
export function readEnvironmentFile(asksModel = false): void {
  if (!existsSync('.env')) return
  const { OPENAI_BASE_URL: address, ...settings } = parseEnv(readFileSync('.env', 'utf8'))
  const isRedirected = address && process.env['OPENAI_API_KEY'] && !process.env['OPENAI_BASE_URL']
  if (isRedirected && asksModel) {
    throw new Error(
      `OPENAI_API_KEY from the environment would be sent to OPENAI_BASE_URL from .env, ${address}: set OPENAI_BASE_URL in ` +
        'the environment too, or remove OPENAI_API_KEY from it and put the key for that server into .env',
    )
  }
  const allowed = isRedirected ? settings : { ...settings, ...(address && { OPENAI_BASE_URL: address }) }
  for (const [name, value] of Object.entries(allowed)) {
    if (value !== undefined && !FOREIGN.test(name)) process.env[name] ??= value
  }
}

const plainLog: Log = {
  info: () => {},
  warn: (details, message) => {
    const { err } = details as { err?: { message: string } }
    say(err === undefined ? message : `${message} (${err.message})`)
  },
}
