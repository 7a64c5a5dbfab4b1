import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readSplitFile, type SplitFormat, splitTrial } from '../../../src/evaluation/protocols/split.ts'
import { TrialError } from '../../../src/evaluation/trial.ts'
import type { Task } from '../../../src/evaluation/trial.ts'
import { failureOf, folderOf } from '../../data/folders.ts'
import { named, purchases } from './named.ts'

async function trialOfFiles(train: string, asked: string, format: SplitFormat, task: Task = 'discovery') {
  const folder = await folderOf({ train, test: asked })
  const read = (name: string) => readSplitFile(join(folder, name), format)
  return splitTrial(await read('train'), await read('test'), task)
}

/** The day before it, in days since 1970. */
const JANUARY_2018 = Date.UTC(2017, 11, 31) / 86_400_000

describe('A published split', () => {
  test('of one line a user asks each user of the test for their items there', async () => {
    const trial = await trialOfFiles('0 10 11\n1 11 12\n2 10\n', '1 10\n0 12 13 11\n3 10\n', 'user-lines')
    expect(purchases(trial.train)).toEqual(['0 10', '0 11', '1 11', '1 12', '2 10'])
    expect(named(trial)).toEqual([
      { customer: '0', history: ['10', '11'], day: Number.NaN, find: ['12'] },
      { customer: '1', history: ['11', '12'], day: Number.NaN, find: ['10'] },
    ])
    expect(trial.leftOut).toEqual({
      'customers with no purchase in training': 1,
      'held-out purchases of products that training does not know': 1,
      'held-out purchases of products bought before': 1,
    })
  })

  test('may be two files of interactions', async () => {
    const train = 'customer_id,product_id,timestamp\nann,a,2018-01-01\nbob,b,2018-01-01\n'
    const later =
      'product_id,customer_id,timestamp\na,bob,2018-01-09\nb,ann,2018-01-07\na,ann,2018-01-06\nc,ann,\n'
    const trial = await trialOfFiles(train, later, 'pairs', 'next-order')
    expect(named(trial)).toEqual([
      { customer: 'ann', history: ['a'], day: JANUARY_2018 + 6, find: ['a', 'b'] },
      { customer: 'bob', history: ['b'], day: JANUARY_2018 + 9, find: ['a'] },
    ])
  })

  test('says which file, line and value are bad', async () => {
    const failure = await failureOf(trialOfFiles('0 1\n0 2\n', '0 1\n', 'user-lines'))
    expect(failure.message).toMatch(/train, line 2: "0" has line 1 already/)
    const csv = await failureOf(trialOfFiles('customer_id\nann\n', 'customer_id\n', 'pairs'))
    expect(csv.message).toMatch(/train, line 1: lacks product_id/)
  })

  test('whose files name nobody in common shows what they name', async () => {
    const failure = trialOfFiles('u0 i1\n', '0 1\n', 'user-lines')
    await expect(failure).rejects.toThrow(TrialError)
    await expect(failure).rejects.toThrow(
      'training knows 1 customers such as "u0" and 1 products such as "i1", the test names customers such as "0" and products such as "1"; are the ids of one kind?',
    )
  })
})
