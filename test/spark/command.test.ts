/** `rationale train --engine spark`: a whole model, refusals in a sentence, and nothing left of what was cancelled. */
import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { writeParquet } from '../../src/data/write-parquet.ts'
import { openModel } from '../../src/model/model-file.ts'
import { start } from '../cli/program.ts'
import { folder, parquetShop, processesWith, sparkWords, hasSpark } from './spark.ts'

/** Words for a model in a folder of its own. */
async function training(name: string, conf: Readonly<Record<string, string>> = {}) {
  const own = join(folder, name)
  await mkdir(own)
  const model = join(own, 'shop.model')
  return { own, model, words: [...sparkWords('local[1]', conf), '--model', model, '--factors', '4'] }
}

describe.skipIf(!hasSpark)('training on Spark by the command', () => {
  let data: string
  beforeAll(async () => {
    data = (await parquetShop({ customers: 300, products: 60 })).data
  })

  test('writes a model that says so, after 150 iterations, and nothing else', async () => {
    const { own, model, words } = await training('whole')
    const run = start([...words, '--data', data, '--iterations', '150', '--json'])
    const { code, stdout, stderr } = await run.finished
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ engine: { name: 'spark', version: '4.3.0' }, iterations: 150 })
    const { summary } = await openModel(model)
    expect(summary).toMatchObject({
      engine: { name: 'spark', version: '4.3.0' },
      configuration: { regularizationScale: 'entries', confidence: 'hu-koren-volinsky', iterations: 150 },
    })
    // Weights are found on held-out customers, as always.
    expect(summary.blendWeights!.customers).toBeGreaterThan(50)
    expect(summary.lossByIteration).toEqual([summary.loss])
    expect(await readdir(own)).toEqual(['shop.model'])
  })

  test.each(['SIGINT', 'SIGKILL'] as const)('leaves no driver when it is ended by %s', async (signal) => {
    const { own, words } = await training(signal)
    const run = start([...words, '--data', data, '--iterations', '10000'])
    // Past its start: iterations are counted.
    await run.printed('Training 0 %')
    expect(await processesWith(own)).not.toEqual([])
    run.process.kill(signal)
    const { code } = await run.finished
    await expect.poll(() => processesWith(own)).toEqual([])
    if (signal === 'SIGKILL') return
    expect(code).toBe(130)
    expect(await readdir(own)).toEqual([])
  })

  test('refuses customers beyond what Spark can number', async () => {
    const { own, model, words } = await training('beyond')
    const ids = join(own, 'interactions.parquet')
    const customers = [1n, 2n, 3_000_000_000n]
    await writeParquet(
      ids,
      [
        { name: 'customer_id', type: 'INT64', at: (i) => customers[i] },
        { name: 'product_id', type: 'STRING', at: () => 'tea' },
      ],
      3,
    )
    const { code, stderr } = await start([...words, '--data', ids]).finished
    expect({ code, last: stderr.trim().split('\n').at(-1) }).toEqual({
      code: 1,
      last:
        'error: Spark cannot train on this: the customer 3000000000 is beyond 2147483647, the largest number that ' +
        "Spark's ALS takes: write the ids of customers as text, then they are numbered",
    })
    expect(existsSync(model)).toBe(false)
  })

  test('says what failed, and where Spark’s log is', async () => {
    const { own, model, words } = await training('failing', { 'spark.driver.memory': 'much' })
    const { code, stderr } = await start([...words, '--data', data]).finished
    expect(code).toBe(1)
    expect(stderr.trim().split('\n').at(-1)).toMatch(/^error: Spark failed \(exit code \d+\).* Its log is /)
    expect(stderr).toContain(`Its log is ${model}.spark.log`)
    expect(await readdir(own)).toEqual(['shop.model.spark.log'])
  })
})
