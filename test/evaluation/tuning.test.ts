import { expect, test } from 'vitest'
import { trialFeatures, trialSegments } from '../../src/evaluation/trial-knowledge.ts'
import { tune } from '../../src/evaluation/tuning.ts'
import { UnsuitableDataError } from '../../src/evaluation/system.ts'
import { smallTrial, systemOf } from './small-trial.ts'

/** Ann bought the cup and goes on to buy the jar: third by index. */
const validation = smallTrial(
  'validation',
  [{ customer: 'ann', product: 'cup' }],
  { ann: ['jar'] },
  {
    products: ['cup', 'pot', 'jar', 'vase'],
  },
)

/** Offers everything from the product of that index on. */
const from = (start: number) => ({
  parameters: { start },
  system: systemOf('from', (_, train) => Array.from(Array(train.products.size).keys()).slice(start)),
})

const options = { validation, task: 'discovery', first: 10, seed: 1 } as const

test('the setting whose lists find most, soonest, is taken; the earlier one among equals', async () => {
  const contender = { ...from(0), grid: [from(0), from(3), from(2), from(2)] }
  const [{ setting, tried }] = await tune([contender], options)
  expect(setting).toBe(contender.grid[2])
  // From 0 the jar follows the pot, at rank 2: 1 / log2(3).
  expect(tried.map(({ ndcg }) => ndcg)).toEqual([1 / Math.log2(3), 0, 1, 1])
})

test('what has nothing to tune stays as it is', async () => {
  const contender = { ...from(1), grid: [] }
  expect(await tune([contender], options)).toEqual([{ setting: contender, tried: [] }])
})

test('what cannot learn from such data is left to the report, as it was', async () => {
  const system = {
    name: 'choosy',
    isRandom: false,
    fit: () => Promise.reject(new UnsuitableDataError('there are no sellers')),
  }
  const contender = { parameters: {}, system, grid: [{ parameters: {}, system }] }
  const [{ setting }] = await tune([contender], options)
  expect(setting).toBe(contender)
})

test('a trial knows features for its products, and a segment for the customers of its training alone', () => {
  expect(trialFeatures(validation).rows).toBe(4)
  const segmentOf = trialSegments(1)
  expect(segmentOf(validation, validation.cases[0])).toEqual(expect.any(String))
  expect(segmentOf(validation, { ...validation.cases[0], customer: -1 })).toBeNull()
})
