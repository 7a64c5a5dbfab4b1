/** A day of Olist's shop: 33,000 products, 94,000 customers. `npm run test:live` runs it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { patience } from '../patience.ts'
import { REAL_DATA } from '../data/folders.ts'
import { liveThroughADay } from './shop-scenario.ts'

const OLIST = join(REAL_DATA, 'olist')
const missing = !existsSync(OLIST)
if (missing) console.warn(`SKIPPED: ${OLIST} is missing, so nothing is checked on Olist’s real data`)
const isAsked = process.env['TEST_LIVE'] !== undefined

describe.skipIf(missing || !isAsked)(
  `Olist’s real data${missing ? ' (SKIPPED: it is missing)' : isAsked ? '' : ' (SKIPPED: npm run test:live runs it)'}`,
  () => {
    test(
      'a shop lives through a day',
      () => liveThroughADay(OLIST, '--effort quick --factors 8 --iterations 3'),
      patience(300_000),
    )
  },
)
