import { table } from '../../src/documents/block.ts'
import { markdownTableOf } from '../../src/documents/markdown.ts'
import { DEFAULT_SYSTEM } from '../../src/evaluation/baselines/systems.ts'
import { count, decimal, interval, signed } from '../../src/evaluation/report-numbers.ts'
import type { Quality, QualityRow, QualityTable } from './quality.ts'

/** Tables for docs/evaluation.md: wins and losses over all data sets, then a table for each data set. */
export function describeQuality({ tables, failures }: Quality): string[] {
  const names = [...new Set(tables.map(({ data }) => data))]
  return [
    '## Wins and losses',
    '',
    markdownTableOf(winsAndLosses(tables)),
    ...names.flatMap((name) =>
      describeData(
        name,
        tables.filter(({ data }) => data === name),
      ),
    ),
    ...failures.flatMap((failure) => ['', `Not measured: ${failure}`]),
  ]
}

/** A question a row: the default, and the best of the others. */
function winsAndLosses(tables: readonly QualityTable[]) {
  return table(
    'lllrrlr',
    [
      'data',
      'protocol',
      'task',
      'cases',
      'default',
      'the best other system',
      'its nDCG @10 minus the default’s',
    ],
    tables.map(({ data, protocol, task, rows }) => {
      const ours = rows.find(({ system }) => system === DEFAULT_SYSTEM)!
      const best = bestOther(rows)
      return [
        data,
        protocol,
        task,
        count(ours.cases),
        value(ours),
        best === undefined ? '–' : `${best.system} ${value(best)}`,
        best === undefined ? '–' : versus(best),
      ]
    }),
  )
}

function bestOther(rows: readonly QualityRow[]): QualityRow | undefined {
  const others = rows.filter(({ system }) => system !== DEFAULT_SYSTEM)
  return others.toSorted((a, b) => b.ndcg10.value - a.ndcg10.value).at(0)
}

function describeData(name: string, tables: readonly QualityTable[]): string[] {
  const ran = new Set(tables.flatMap(({ rows }) => rows.map(({ system }) => system)))
  const systems = [...[...ran].filter((system) => system !== DEFAULT_SYSTEM), DEFAULT_SYSTEM]
  const questions = tables.map(({ protocol, task }) => `${protocol}, ${task}`)
  const cells = (cell: (row: QualityRow) => string) =>
    systems.map((system) => [
      system,
      ...tables.map(({ rows }) => {
        const row = rows.find((one) => one.system === system)
        return row === undefined ? '–' : cell(row)
      }),
    ])
  const columns = `l${'r'.repeat(tables.length)}`
  const reference = systems.indexOf(DEFAULT_SYSTEM)
  const notes = [...new Set(tables.flatMap((one) => one.notes))]
  return [
    '',
    `## ${name}`,
    '',
    ...tables.map(({ protocol, task, headline }) => `- ${protocol}, ${task}: ${headline}`),
    '',
    'nDCG @10 with its 95 % interval, and the difference from the default with its own.',
    '',
    markdownTableOf(
      table(
        columns,
        ['system', ...questions],
        cells((row) => (row.versusDefault === null ? value(row) : `${value(row)}; ${versus(row)}`)),
        reference,
      ),
    ),
    '',
    'Hit rate @10.',
    '',
    markdownTableOf(
      table(
        columns,
        ['system', ...questions],
        cells(({ hitRate10 }) => decimal(hitRate10)),
        reference,
      ),
    ),
    '',
    'Seconds to fit, and for the lists, over all trials and seeds.',
    '',
    markdownTableOf(
      table(
        columns,
        ['system', ...questions],
        cells(({ seconds }) => `${seconds.fit.toFixed(1)} + ${seconds.recommend.toFixed(1)}`),
        reference,
      ),
    ),
    '',
    [
      ...tables.map(
        ({ protocol, task, users, rows, totalSeconds, peakBytes }) =>
          `${protocol}, ${task}: ${count(users)} users, ${count(rows[0].cases)} cases, ${Math.round(totalSeconds)} s with ` +
          `tuning${peakBytes === null ? '' : `, ${(peakBytes / 1e9).toFixed(1)} GB at most`}.`,
      ),
      ...notes,
      ...notRun(tables),
    ].join(' '),
  ]
}

function notRun(tables: readonly QualityTable[]): string[] {
  const reasons = new Map(tables.flatMap((one) => Object.entries(one.notRun)))
  return [...reasons].map(([system, reason]) => `Not run: ${system}. ${reason}.`)
}

const value = ({ ndcg10 }: QualityRow) => `${decimal(ndcg10.value)} (${interval(ndcg10)})`

function versus({ versusDefault }: QualityRow): string {
  if (versusDefault === null) return 'the default'
  const { verdict, difference } = versusDefault
  return `${verdict}: ${signed(difference)} (${interval(versusDefault)})`
}
