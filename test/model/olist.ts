import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'vitest'

/** Where the Olist data set lies, if it does. */
export const olistFolder = join(process.env.RATIONALE_DATA ?? '../shared/data', 'olist')

const missing = !existsSync(olistFolder)
if (missing)
  console.warn(
    `SKIPPED: tests on real data, since there is no ${olistFolder} (RATIONALE_DATA names its parent).`,
  )

/** A `describe` that says loudly when it is skipped for want of the data. */
export function describeOlist(title: string, tests: () => void): void {
  describe.skipIf(missing)(missing ? `${title} (SKIPPED: no ${olistFolder})` : title, tests)
}

interface Parity {
  readonly feature_columns: readonly string[]
  readonly mean: readonly number[]
  readonly scale: readonly number[]
  readonly classes: readonly string[]
  readonly cases: readonly {
    readonly product_id: string
    readonly self_is_first: boolean
    readonly notebook_top10: readonly { readonly product_id: string; readonly similarity: number }[]
  }[]
}

/** The notebook's content step, as scikit-learn 1.2.1 computed it. */
export function notebookContent(): Parity {
  return JSON.parse(readFileSync(join(olistFolder, 'notebook_content_parity.json'), 'utf8'))
}
