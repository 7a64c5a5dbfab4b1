import { readSettings, SERVE_SETTINGS } from '../server/settings.ts'

/** The store of the option, else the environment's STORE; undefined if neither is set. */
export function storeNamed(option: string | undefined): string | undefined {
  const { store } = SERVE_SETTINGS
  return readSettings({ store }, { store: option }, process.env).store
}
