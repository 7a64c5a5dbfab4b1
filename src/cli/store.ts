import type { Option } from 'commander'
import { readSettings, SERVE_SETTINGS, STORE_SETTINGS } from '../server/settings.ts'
import { IN_MEMORY } from '../store/sqlite/database-file.ts'
import { expectStore, isPostgres } from '../store/open-database.ts'
import { reason, StoreError } from '../store/store-error.ts'
import { readEnvironmentFile } from './environment-file.ts'
import { settingOption } from './options.ts'

/** The store of the option, else the environment's STORE; undefined if neither is set. */
export function storeNamed(option: string | undefined): string | undefined {
  const { store } = SERVE_SETTINGS
  return readSettings({ store }, { store: option }, process.env).store
}

/** The option that names a store. @param kept  what the command does with it */
export const storeOption = (kept = 'the store'): Option =>
  settingOption({
    ...SERVE_SETTINGS.store,
    meaning: `${kept}, the same as for \`rationale serve\``,
    otherwise: '',
  })

/** @throws {Error} if no store is given */
export function requiredStore({ store }: { readonly store?: string }): string {
  readEnvironmentFile()
  const named = storeNamed(store)
  if (named === undefined) {
    throw new Error('no store named: use --store or $STORE; `rationale serve` prints which it uses')
  }
  return named
}

/**
 * @param creates  the command that creates a store
 * @throws {Error} if no store is given, or it does not exist
 */
export function existingStore(options: { readonly store?: string }, creates: string): string {
  const store = requiredStore(options)
  expectStore(store, creates)
  return store
}

/** The option that names the folder of a store's models. */
export const modelsOption = (): Option => settingOption(STORE_SETTINGS.models)

/**
 * The folder of a store's models: of the option, else of the environment's MODELS, else beside an SQLite file.
 * @throws {Error} if the store is on PostgreSQL and no folder is named
 */
export function modelsFolder(store: string, option: string | undefined): string {
  const { models } = STORE_SETTINGS
  const named = readSettings({ models }, { models: option }, process.env).models
  if (named !== undefined) return named
  if (!isPostgres(store) && store !== IN_MEMORY) return `${store}.models`
  throw new Error(
    'no folder for models named: a store on PostgreSQL needs --models or $MODELS, the same folder for all of its servers',
  )
}

/** Runs something that uses a store. @throws {Error} naming the store, and why it cannot be used */
export async function usingStore<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof StoreError)) throw cause
    throw new Error(`cannot use the store ${name}: ${reason(cause.cause)}`, { cause })
  }
}
