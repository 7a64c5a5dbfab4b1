/**
 * How good lists are on several data sets: every system beside the default. Each table is kept in a file of its own
 * when it is done, and not measured again by the same code.
 */
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { DEFAULT_SYSTEM } from '../../src/evaluation/baselines/systems.ts'
import { runBenchFile } from './child.ts'
import type { QualityData, Question } from './quality-data.ts'
import { QUALITY_DATA } from './quality-data.ts'
import type { QualityRun, QualitySettings } from './quality-run.ts'
import { temporaryFolder } from './temporary-folder.ts'

const estimate = z.object({ value: z.number(), low: z.number(), high: z.number() })

const row = z.object({
  data: z.string(),
  protocol: z.string(),
  task: z.string(),
  system: z.string(),
  /** Asked about, in all trials. */
  cases: z.number(),
  /** The share of them for which at least one product was found, 0 … 1. */
  hitRate10: z.number(),
  ndcg10: estimate,
  /** Of nDCG @10, this system's minus the default's, paired by user; p after Holm. Null for the default itself. */
  versusDefault: z
    .object({
      difference: z.number(),
      low: z.number(),
      high: z.number(),
      p: z.number(),
      verdict: z.enum(['better', 'worse', 'no difference shown']),
    })
    .nullable(),
  /** Over all trials and seeds. */
  seconds: z.object({ fit: z.number(), recommend: z.number() }),
})

const table = z.object({
  /** Of the code that measured it. */
  version: z.string(),
  data: z.string(),
  protocol: z.string(),
  task: z.string(),
  mostCases: z.number().nullable(),
  headline: z.string(),
  users: z.number(),
  notes: z.array(z.string()),
  notRun: z.record(z.string(), z.string()),
  settings: z.record(z.string(), z.record(z.string(), z.union([z.number(), z.string()]))),
  rows: z.array(row),
  totalSeconds: z.number(),
  cpuSeconds: z.number(),
  peakBytes: z.number().nullable(),
})

export type QualityRow = z.infer<typeof row>
/** One data set, protocol and task. */
export type QualityTable = z.infer<typeof table>

export interface QualityOptions {
  /** Names of data sets; undefined: all. */
  readonly data?: readonly string[]
  /** The folder of the results. */
  readonly results: string
  /** Measures again what has been measured. */
  readonly fresh?: boolean
  /** The most cases of each trial; undefined: all. */
  readonly cases?: number
}

export interface Quality {
  readonly rows: readonly QualityRow[]
  readonly tables: readonly QualityTable[]
  /** What could not be measured, and why. */
  readonly failures: readonly string[]
}

/** Measures what is not known yet, one table after another. */
export async function benchQuality({
  data,
  results,
  fresh = false,
  cases,
}: QualityOptions): Promise<Quality> {
  mkdirSync(results, { recursive: true })
  const folder = temporaryFolder()
  const version = codeVersion()
  const tables: QualityTable[] = []
  const failures: string[] = []
  for (const one of QUALITY_DATA.filter(({ name }) => data?.includes(name) ?? true)) {
    let source: ReturnType<QualityData['prepare']> | undefined
    for (const question of one.questions) {
      const file = join(results, `${one.name}-${question.protocol}-${question.task}.json`)
      const known = fresh ? undefined : readTable(file, version, cases)
      if (known) {
        tables.push(known)
        continue
      }
      try {
        const found = await (source ??= one.prepare(folder))
        if (found === undefined) {
          failures.push(
            `${one.name}: there is no such data; let RATIONALE_DATA name the folder that holds it`,
          )
          break
        }
        console.error(`${one.name}, ${question.protocol}, ${question.task}`)
        const settings: QualitySettings = { ...found, ...question, ...(cases !== undefined && { cases }) }
        const run = await runBenchFile<QualityRun>('quality-run.ts', settings)
        const made = tableOf(one, question, run, version, cases)
        writeFileSync(`${file}.part`, JSON.stringify(made))
        renameSync(`${file}.part`, file)
        tables.push(made)
      } catch (error) {
        failures.push(`${one.name}, ${question.protocol}, ${question.task}: ${(error as Error).message}`)
      }
    }
  }
  return { rows: tables.flatMap(({ rows }) => rows), tables, failures }
}

/** A result of this code and of as many cases; undefined where there is none. */
function readTable(file: string, version: string, cases: number | undefined): QualityTable | undefined {
  if (!existsSync(file)) return undefined
  const parsed = table.safeParse(JSON.parse(readFileSync(file, 'utf8')))
  const isCurrent =
    parsed.success && parsed.data.version === version && parsed.data.mostCases === (cases ?? null)
  return isCurrent ? parsed.data : undefined
}

/** Of all code that a figure depends on. */
export function codeVersion(): string {
  const root = join(import.meta.dirname, '../..')
  const rooms = '{data,kernels,model,engine,evaluation}'
  const files = [`src/${rooms}/**/*.ts`, 'build/*.wasm', 'test/bench/quality-data.ts']
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .sort()
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file}\n`).update(readFileSync(join(root, file)))
  return hash.digest('hex').slice(0, 16)
}

function tableOf(
  { name, note }: QualityData,
  { protocol, task }: Question,
  { report, seconds, ...costs }: QualityRun,
  version: string,
  cases: number | undefined,
): QualityTable {
  const question = { data: name, protocol, task }
  return {
    version,
    ...question,
    mostCases: cases ?? null,
    headline: report.headline,
    users: report.users,
    notes: [...(note === undefined ? [] : [note]), ...report.notes],
    notRun: report.notRun,
    settings: report.settings,
    rows: report.systems.map(({ name: system, hitRate, ndcg, versusDefault }) => ({
      ...question,
      system,
      cases: report.cases,
      hitRate10: hitRate['10'].value,
      ndcg10: ndcg['10'],
      versusDefault: system === DEFAULT_SYSTEM ? null : versusOf(versusDefault!['ndcg@10']),
      seconds: seconds[system],
    })),
    ...costs,
  }
}

function versusOf({ difference, low, high, p, verdict }: NonNullable<QualityRow['versusDefault']>) {
  return { difference, low, high, p, verdict }
}
