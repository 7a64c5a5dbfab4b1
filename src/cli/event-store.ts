import type { Option } from 'commander'
import { existsSync } from 'node:fs'
import { SERVE_SETTINGS } from '../server/settings.ts'
import { storeFile } from './keys.ts'
import { settingOption } from './options.ts'

/** The option that names the store of events. */
export const eventStoreOption = (): Option =>
  settingOption({
    ...SERVE_SETTINGS.store,
    meaning: 'file that keeps the events, the same as for `rationale serve`',
    otherwise: '',
  })

/** @throws {Error} if no store is given or it does not exist */
export function existingEventStore(options: { readonly store?: string }): string {
  const file = storeFile(options)
  if (!existsSync(file)) throw new Error(`there is no store ${file}: \`rationale import\` creates one`)
  return file
}
