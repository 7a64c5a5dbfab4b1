/** A standalone cluster on loopback that loses a worker. */
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import { openModel } from '../../src/model/model-file.ts'
import { type Child, endChild, runChild, startChild } from '../child-process.ts'
import { start } from '../cli/program.ts'
import { folder, parquetShop, processesWith, sparkWords, SUBMIT, hasSpark } from './spark.ts'

const python = join(dirname(SUBMIT), 'python')

/** Starts a master or worker. Its REST server, which would ask nobody who they are, is off. */
async function daemon(name: string, args: readonly string[]): Promise<Child> {
  const find = "import os, pyspark; print(os.path.dirname(pyspark.__file__), end='')"
  const { stdout: home } = await runChild(python, ['-c', find])
  return startChild(join(home, 'bin', 'spark-class'), [`org.apache.spark.deploy.${name}`, ...args], {
    env: {
      ...process.env,
      SPARK_HOME: home,
      SPARK_DAEMON_MEMORY: '256m',
      SPARK_DAEMON_JAVA_OPTS: '-Dspark.master.rest.enabled=false -XX:TieredStopAtLevel=1',
    },
  })
}

/** Waits until a line of its log says so. */
async function said(child: Child, expression: RegExp): Promise<RegExpExecArray> {
  for await (const line of createInterface({ input: child.stderr! })) {
    const found = expression.exec(line)
    if (!found) continue
    child.stderr!.resume()
    return found
  }
  throw new Error(`ended without saying ${expression}`)
}

describe.skipIf(!hasSpark)('a cluster of two workers', () => {
  test('gives a whole model when one of them is killed in the middle of a fit', async () => {
    const { data, dataset } = await parquetShop({ customers: 300, products: 60 })
    const local = ['--host', '127.0.0.1', '--webui-port', '0']
    const master = await daemon('master.Master', [...local, '--port', '0'])
    const [, url] = await said(master, /Starting Spark master at (spark:\S+)/)
    const workers: Child[] = []
    for (const name of ['one', 'two']) {
      const work = join(folder, name)
      await mkdir(work)
      const worker = await daemon('worker.Worker', [
        ...local,
        '--cores',
        '1',
        '--memory',
        '1g',
        '--work-dir',
        work,
        url,
      ])
      await said(worker, /Successfully registered with master/)
      workers.push(worker)
    }
    const model = join(folder, 'shop.model')
    const loopback = { 'spark.driver.host': '127.0.0.1', 'spark.driver.bindAddress': '127.0.0.1' }
    const words = sparkWords(url, { ...loopback, 'spark.executor.memory': '512m' })
    const run = start([
      ...words,
      '--data',
      data,
      '--model',
      model,
      '--factors',
      '4',
      '--iterations',
      '60',
      '--json',
    ])
    const iterates = new Promise<void>((resolve) => {
      run.process.stderr!.on('data', (text: string) => /Training [1-9]/.test(text) && resolve())
    })
    await Promise.race([iterates, run.finished])
    // Its executor is a process of the same group.
    expect(await processesWith(join(folder, 'two'))).not.toEqual([])
    await endChild(workers[1])
    const { code, stdout, stderr } = await run.finished
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      engine: { name: 'spark' },
      interactions: dataset.interactions.count,
    })
    const { itemFactors, popularity } = await openModel(model)
    const isKnown = (product: number) =>
      itemFactors.data.subarray(product * 4, product * 4 + 4).some((x) => x !== 0)
    for (const [product, sold] of popularity.entries()) expect(isKnown(product)).toBe(sold > 0)
  })
})
