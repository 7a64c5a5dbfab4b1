import { readSettings, SERVE_SETTINGS } from '../server/settings.ts'

/** The store that an option names, or else the environment's STORE; undefined where neither does. */
export function storeNamed(option: string | undefined): string | undefined {
  const { store } = SERVE_SETTINGS
  return readSettings({ store }, { store: option }, process.env).store
}
