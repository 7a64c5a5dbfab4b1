import type { Option } from 'commander'
import envPaths from 'env-paths'
import { join } from 'node:path'
import { type Explainer, templateExplainer } from '../explanations/explainer.ts'
import { openExplainer } from '../explanations/open-explainer.ts'
import type { ExplanationStyle } from '../explanations/style.ts'
import { languageModelSettings } from '../server/language-model-settings.ts'
import { LANGUAGE_MODEL_SETTINGS, type Setting } from '../server/settings.ts'
import type { Log } from '../store/explanation-store.ts'
import { say } from './progress.ts'
import { settingOption } from './options.ts'
import { storeNamed } from './store.ts'

/** The parsed `writerOptions()`. */
export interface WriterOptions {
  llm?: boolean
  llmModel?: string
  llmStyle?: ExplanationStyle
  store?: string
}

interface Writer {
  readonly explainer: Explainer
  close(): Promise<void>
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
  if (!options.llm) return { explainer: templateExplainer(), close: async () => {} }
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

const plainLog: Log = {
  info: () => {},
  warn: (details, message) => {
    const { err } = details as { err?: { message: string } }
    say(err === undefined ? message : `${message} (${err.message})`)
  },
}
