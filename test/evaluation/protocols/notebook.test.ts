import { describe, expect, test } from 'vitest'
import { Recommender } from '../../../src/engine/recommender.ts'
import { notebookTrial } from '../../../src/evaluation/protocols/notebook.ts'
import { TrialError } from '../../../src/evaluation/trial.ts'
import { referenceKernels } from '../../../src/kernels/reference.ts'
import { configure } from '../../../src/model/configuration.ts'
import { fitModel } from '../../../src/model/fit.ts'
import { smallShop } from '../../model/small-shop.ts'
import { named } from './named.ts'

const DATASET = smallShop([
  { customer: 'ann', product: 'a', day: 1 },
  { customer: 'ann', product: 'b', day: 2 },
  { customer: 'bob', product: 'a', day: 3 },
  { customer: 'bob', product: 'a', day: 4 },
  { customer: 'cat', product: 'b', day: 5 },
  { customer: 'cat', product: 'c', day: 6 },
  { customer: 'cat', product: 'a', day: 7 },
  { customer: 'dan', product: 'c', day: 7 },
])

function one(seed: number) {
  return named(notebookTrial(DATASET, { seed, customers: 1 }))
}

describe('The notebook’s protocol', () => {
  test('asks customers with two products or more for one of them, with all of them in training', () => {
    const trial = notebookTrial(DATASET, { seed: 1 })
    expect(trial.train).toBe(DATASET)
    const cases = named(trial)
    expect(cases.map(({ customer, history, day }) => ({ customer, history, day }))).toEqual([
      { customer: 'ann', history: ['a', 'b'], day: 7 },
      { customer: 'cat', history: ['a', 'b', 'c'], day: 7 },
    ])
    for (const { history, find } of cases) expect(history).toContain(find[0])
  })

  test('takes as many customers as asked for, by the seed', () => {
    expect(one(1)).toHaveLength(1)
    expect(one(1)).toEqual(one(1))
    const seeds = Array.from({ length: 20 }, (_, seed) => one(seed)[0])
    expect(new Set(seeds.map(({ customer }) => customer))).toEqual(new Set(['ann', 'cat']))
    expect(new Set(seeds.map(({ find }) => find[0]))).toEqual(new Set(['a', 'b', 'c']))
  })

  test('can find nothing by construction: what it asks for is excluded from every list', async () => {
    const { cases, train } = notebookTrial(DATASET, { seed: 1 })
    const kernels = referenceKernels()
    const configuration = configure('notebook', { factors: 2, iterations: 2 })
    const recommender = new Recommender(await fitModel(train, configuration, kernels), kernels)
    const lists = await recommender.recommend(cases.map(({ customer }) => ({ customer, first: 10 })))
    lists.forEach(({ items }, i) => {
      expect(items.map(({ product }) => product)).not.toContain(cases[i].relevant[0])
    })
    recommender.close()
  })

  test('needs customers with two products', () => {
    const single = smallShop([{ customer: 'ann', product: 'a' }])
    expect(() => notebookTrial(single, { seed: 1 })).toThrow(TrialError)
  })
})
