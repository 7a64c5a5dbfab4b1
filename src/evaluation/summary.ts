/** Summarises the measures of single cases into a report on each system. */
import { Work } from '../kernels/work.ts'
import type { Comparison } from './comparison.ts'
import { compareAll } from './comparison.ts'
import type { ByFirst, SliceReport, SlicesReport, SystemReport } from './evaluation-report.ts'
import type { Estimate, ResampledMeans } from './intervals.ts'
import { drawResamples, estimate, resampleMeans } from './intervals.ts'
import { measureName, measureNames, SLICED } from './list-measures.ts'
import { METRICS } from './metrics.ts'
import type { Slice } from './slices.ts'
import type { CaseTable, Users } from './user-sums.ts'
import { casesOf, sumByUser, usersOf } from './user-sums.ts'

/** What one system measured over all trials. */
interface SystemMeasurements {
  readonly name: string
  readonly isRandom: boolean
  /** Its measures are `measureNames`. */
  readonly table: CaseTable
  /** Per K, the mean over trials. */
  readonly coverage: readonly number[]
  readonly gini: readonly number[]
}

interface Bootstrap {
  readonly resamples: number
  readonly seed: number
}

/**
 * @param users  one for each case
 * @param slices  of the same cases
 * @param first  the Ks
 * @param work  pauses between resamples
 * @returns in the order of `systems`
 */
export async function summarise(
  systems: readonly SystemMeasurements[],
  defaultName: string,
  users: Users,
  slices: readonly Slice[],
  first: readonly number[],
  { resamples, seed }: Bootstrap,
  work = new Work(),
): Promise<SystemReport[]> {
  const names = measureNames(first)
  const drawn = await drawResamples(users.count, resamples, seed, work)
  const means: ResampledMeans[] = []
  for (const { table } of systems) {
    await work.pause()
    means.push(await resampleMeans(sumByUser(table, names, users), drawn, work))
  }
  const versus = compareWith(systems, means, defaultName, first)
  const bySlice: SliceReport[][] = []
  for (const slice of slices) {
    bySlice.push(await reportSlice(systems, users, slice, first, { resamples, seed }, work))
  }
  return systems.map((system, s) => {
    const at = (name: string) => estimate(means[s], names.indexOf(name))
    const known = (name: string) => byFirst(first, (k) => at(measureName(name, k))!)
    return {
      name: system.name,
      isRandom: system.isRandom,
      ...eachOf(METRICS, known),
      coverage: byFirst(first, (_, i) => system.coverage[i]),
      gini: byFirst(first, (_, i) => (Number.isNaN(system.gini[i]) ? null : system.gini[i])),
      novelty: byFirst(first, (k) => at(measureName('novelty', k))),
      intraListDistance: byFirst(first, (k) => at(measureName('intraListDistance', k))),
      emptyLists: at('emptyLists')!,
      slices: gather(
        slices,
        bySlice.map((reports) => reports[s]),
      ),
      ...(system.name !== defaultName && { versusDefault: versus.get(system.name)! }),
    }
  })
}

function compareWith(
  systems: readonly SystemMeasurements[],
  means: readonly ResampledMeans[],
  defaultName: string,
  first: readonly number[],
): Map<string, Record<string, Comparison>> {
  const names = measureNames(first)
  const reference = means[systems.findIndex(({ name }) => name === defaultName)]
  const others = systems.filter(({ name }) => name !== defaultName)
  const metrics = first.flatMap((k) => METRICS.map((metric) => measureName(metric, k)))
  const compared = metrics.map((metric) =>
    compareAll(
      means.filter((one) => one !== reference),
      reference,
      names.indexOf(metric),
    ),
  )
  return new Map(
    others.map(({ name }, i) => [
      name,
      Object.fromEntries(metrics.map((metric, m) => [metric, compared[m][i]])),
    ]),
  )
}

/** One report for each system. */
async function reportSlice(
  systems: readonly SystemMeasurements[],
  allUsers: Users,
  { cases, prefix }: Slice,
  first: readonly number[],
  { resamples, seed }: Bootstrap,
  work: Work,
): Promise<SliceReport[]> {
  const names = first.flatMap((k) => SLICED.map((metric) => measureName(metric, k)))
  const users = usersOf(allUsers, cases)
  const drawn = await drawResamples(users.count, resamples, seed, work)
  const reports: SliceReport[] = []
  for (const { table } of systems) {
    await work.pause()
    const sums = sumByUser(
      casesOf(table, cases),
      names.map((name) => prefix + name),
      users,
    )
    const means = await resampleMeans(sums, drawn, work)
    const of = (metric: string) =>
      byFirst(first, (k) => estimate(means, names.indexOf(measureName(metric, k)))!)
    reports.push({ cases: cases.length, users: users.count, ...eachOf(SLICED, of) })
  }
  return reports
}

/** @param reports  one for each slice */
function gather(slices: readonly Slice[], reports: readonly SliceReport[]): SlicesReport {
  const by = (wanted: Slice['by']) =>
    Object.fromEntries(
      slices.flatMap((slice, i) => (slice.by === wanted ? [[slice.name, reports[i]] as const] : [])),
    )
  return {
    pastPurchases: by('pastPurchases'),
    segment: by('segment'),
    relevantItems: by('relevantItems'),
  }
}

function byFirst<Value>(first: readonly number[], value: (k: number, i: number) => Value): ByFirst<Value> {
  return Object.fromEntries(first.map((k, i) => [k, value(k, i)]))
}

function eachOf<Name extends string>(
  names: readonly Name[],
  value: (name: Name) => ByFirst<Estimate>,
): Record<Name, ByFirst<Estimate>> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, ByFirst<Estimate>>
}
