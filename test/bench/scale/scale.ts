import { join } from 'node:path'
import { runBenchFile } from '../child.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { ShopSize } from './made-up-shop.ts'
import type { MakeSettings } from './make-model.ts'
import type { ServeCosts, ServeSettings } from './serve-model.ts'

export interface ScaleOptions extends ShopSize {
  readonly threads: number
  readonly lists: number
  readonly historyLength: number
}

/** What serving takes of each model. */
export type ScaleCosts = Readonly<Record<'whole' | 'item side' | 'shared pairs only', ServeCosts>>

/** Makes a shop's models and serves each in a process of its own. */
export async function benchScale({ lists, historyLength, ...make }: ScaleOptions): Promise<ScaleCosts> {
  const folder = temporaryFolder()
  const files = {
    whole: join(folder, 'whole.model'),
    itemSide: join(folder, 'items.model'),
    sharedOnly: join(folder, 'shared.model'),
  }
  await runBenchFile('scale/make-model.ts', { ...make, ...files } satisfies MakeSettings)
  const serve = (model: string) =>
    runBenchFile<ServeCosts>('scale/serve-model.ts', { model, lists, historyLength } satisfies ServeSettings)
  return {
    whole: await serve(files.whole),
    'item side': await serve(files.itemSide),
    'shared pairs only': await serve(files.sharedOnly),
  }
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`
const size = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`

export function describeScale(costs: ScaleCosts): string[] {
  return Object.entries(costs).flatMap(([name, cost]) => [
    `${name}: ${size(cost.fileBytes)}; processor time: ${seconds(cost.open)} to open the file, ` +
      `${seconds(cost.ready)} more until lists can be made, ${seconds(cost.firstList)} for the first`,
    `  resident after it ${size(cost.residentBytes)}, ${(cost.residentBytes / cost.fileBytes).toFixed(2)} × the file; ` +
      `a list ${cost.median.toFixed(1)} ms in the median, ${cost.p95.toFixed(1)} ms at the 95th percentile`,
  ])
}
