import { existsSync } from 'node:fs'
import { join } from 'node:path'
import envPaths from 'env-paths'
import { generateShop } from '../data/demo-shop.ts'
import type { Scope } from '../store/scope.ts'
import { say } from './narration.ts'

/** What the made-up shop is like; the README shows an answer from it. */
export const DEMO_SHOP = { customers: 3000, products: 600, seed: 1 }

/** What is answered there without a key or a token: nobody is in that shop. */
export const DEMO_SCOPES: readonly Scope[] = ['catalog', 'read', 'admin']

/** The folder of the made-up shop that is served where no data is given; generated the first time. */
export async function demoShop(signal: AbortSignal): Promise<string> {
  // The number is raised whenever generateShop makes another shop of the same options.
  const directory = join(envPaths('rationale', { suffix: '' }).cache, 'demo-shop-1')
  if (!existsSync(directory)) {
    say(`No --data given: making up a shop in ${directory}`)
    await generateShop({ ...DEMO_SHOP, directory, signal })
  }
  return directory
}
