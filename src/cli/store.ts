/** The store that an option names, or else the environment's STORE; undefined where neither does. */
export function storeNamed(option: string | undefined): string | undefined {
  return option ?? (process.env['STORE'] || undefined)
}
