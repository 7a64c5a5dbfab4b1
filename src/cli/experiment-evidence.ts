import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { NO_DIFFERENCE } from '../evaluation/comparison.ts'
import { count, headlineFirst } from '../evaluation/report-numbers.ts'
import type { OfflineEvidence } from '../experiments/experiment-design.ts'

/** What is used of an `EvaluationReport`. */
const report = z.object({
  protocol: z.string(),
  task: z.string(),
  users: z.number(),
  cases: z.number(),
  first: z.array(z.number()).nonempty(),
  defaultName: z.string(),
  notes: z.array(z.string()),
  systems: z.array(
    z.object({
      name: z.string(),
      ndcg: z.record(z.string(), z.object({ value: z.number(), low: z.number(), high: z.number() })),
      versusDefault: z
        .record(z.string(), z.object({ verdict: z.enum(['better', 'worse', NO_DIFFERENCE]) }))
        .optional(),
    }),
  ),
})

/**
 * Reads a report of `rationale evaluate --json` as evidence: nDCG at its headline K, the default first.
 * @throws {Error} naming the file, where it cannot be read or is no such report
 */
export async function readEvidence(file: string): Promise<OfflineEvidence> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new Error(`--evaluation ${file} cannot be read: ${cause.message}`, { cause })
  })
  const parsed = report.safeParse(parseJson(text))
  if (!parsed.success) {
    throw new Error(
      `--evaluation ${file} is no report of an evaluation: make one by rationale evaluate … --json > ${file}`,
    )
  }
  const { protocol, task, users, cases, first, defaultName, notes, systems } = parsed.data
  const k = headlineFirst(first)
  const isDefault = ({ name }: { name: string }) => Number(name === defaultName)
  return {
    procedure: `protocol ${protocol}, task ${task}, ${count(cases)} cases of ${count(users)} users`,
    measure: `nDCG @${k}`,
    systems: systems
      .toSorted((a, b) => isDefault(b) - isDefault(a))
      .map(({ name, ndcg, versusDefault }) => {
        const { value, low, high } = ndcg[k]
        const verdict = versusDefault?.[`ndcg@${k}`]?.verdict ?? 'the treatment'
        return { name, value, low, high, verdict }
      }),
    notes,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
