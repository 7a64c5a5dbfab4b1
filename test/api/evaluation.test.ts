import { expect, test } from 'vitest'
import { Recommender } from '../../src/engine/recommender.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { RECORDED_PROTOCOLS } from '../../src/model/evaluation-summary.ts'
import { someEvaluation } from '../model/some-evaluation.ts'
import { serving } from './serving.ts'
import { smallRecommender } from './shop.ts'

const { model } = await smallRecommender()
const evaluations = [
  ...RECORDED_PROTOCOLS.map((protocol) => someEvaluation({ protocol })),
  someEvaluation({ task: 'next-order', bestOther: null }),
]
const recommender = new Recommender(
  { ...model, summary: { ...model.summary, evaluations } },
  referenceKernels(),
)
const { ask } = await serving({ recommender })

test('the model tells how its configuration was evaluated, whatever the protocol', async () => {
  const { data, errors } = await ask(/* GraphQL */ `{
    modelInfo { evaluations {
      protocol task notes trials { name }
      measures { k ndcg { value low high } }
      bestOther { name measures { k coverage } }
    } }
  }`)
  expect(errors).toBeUndefined()
  const shown = data.modelInfo.evaluations
  expect(shown.map(({ protocol, task }: any) => [protocol, task])).toEqual([
    ['TEMPORAL', 'DISCOVERY'],
    ['LAST_ORDER', 'DISCOVERY'],
    ['BASKET', 'DISCOVERY'],
    ['HOLD_OUT_USERS', 'DISCOVERY'],
    ['TEMPORAL', 'NEXT_ORDER'],
  ])
  expect(shown[0]).toEqual({
    protocol: 'TEMPORAL',
    task: 'DISCOVERY',
    notes: ['Orders were reconstructed.'],
    trials: [{ name: '2018-06-01' }, { name: '2018-07-01' }],
    measures: [
      { k: 5, ndcg: { value: 0.25, low: 0.125, high: 0.625 } },
      { k: 10, ndcg: { value: 0.375, low: 0.1875, high: 0.6875 } },
    ],
    bestOther: {
      name: 'popularity',
      measures: [
        { k: 5, coverage: 0.125 },
        { k: 10, coverage: 0.25 },
      ],
    },
  })
  expect(shown[4].bestOther).toBeNull()
})

test('everything that can be asked of evaluations costs less than an operation may', async () => {
  const mean = '{ value low high }'
  const figures = `{ k coverage hitRate ${mean} recall ${mean} recallTruncated ${mean} precision ${mean} ndcg ${mean}
    mrr ${mean} map ${mean} }`
  const { data, errors } = await ask(`{ modelInfo { evaluations {
    trials { name cases customers } measures ${figures} bestOther { name measures ${figures} }
  } } }`)
  expect(errors).toBeUndefined()
  expect(data.modelInfo.evaluations).toHaveLength(5)
})
