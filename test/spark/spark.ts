/** Spark as tests use it: on this machine, with short-lived virtual machines. */
import { existsSync, mkdtempSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Dataset } from '../../src/data/dataset.ts'
import { generateShop } from '../../src/data/demo-shop.ts'
import { readDataset } from '../../src/data/read.ts'
import { exportDataset } from '../../src/data/write-parquet.ts'

const environment = process.env['SPARK_VENV'] ?? '/opt/spark-venv'

/** The program `spark-submit` of the environment that `spark/install` made: SPARK_VENV, or /opt/spark-venv. */
export const SUBMIT = join(environment, 'bin', 'spark-submit')

/** Whether Spark is installed. */
export const hasSpark = existsSync(SUBMIT)
if (!hasSpark) process.stderr.write(`SKIPPED: there is no ${SUBMIT}, so nothing is checked on Spark\n`)

/** Jobs of seconds are over before the second compiler pays. */
export const CONF = {
  'spark.driver.extraJavaOptions': '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
  'spark.executor.extraJavaOptions': '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
  'spark.sql.adaptive.enabled': 'false',
}

/** The options of `rationale train` for Spark. */
export const sparkWords = (master: string, conf: Readonly<Record<string, string>> = {}) => [
  'train',
  '--engine',
  'spark',
  '--master',
  master,
  '--spark-submit',
  SUBMIT,
  ...Object.entries({ ...CONF, ...conf }).flatMap(([name, value]) => ['--spark-conf', `${name}=${value}`]),
]

/** A folder that goes with the test file. */
export const folder = mkdtempSync(join(tmpdir(), 'rationale-spark-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A made-up shop as Parquet, with the data set that is read of it. */
export async function parquetShop(size: {
  readonly customers: number
  readonly products: number
}): Promise<{ readonly data: string; readonly dataset: Dataset }> {
  const [directory, data] = [join(folder, 'shop'), join(folder, 'parquet')]
  await generateShop({ directory, seed: 3, ...size })
  await exportDataset(await readDataset(directory), data)
  return { data, dataset: await readDataset(data) }
}

/** The processes of this machine whose command line holds a text. */
export async function processesWith(text: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter((line) => line.includes(text)).map((line) => line.replaceAll('\0', ' '))
}
