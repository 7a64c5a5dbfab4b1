/** One table of the quality bench in a process of its own; prints one JSON object. Started by quality.ts. */
import { runEvaluation } from '../../src/cli/evaluate.ts'
import type { EvaluationReport } from '../../src/evaluation/evaluation-report.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { peakResidentBytes } from './machine.ts'
import type { Question, Source } from './quality-data.ts'

export interface QualitySettings extends Question, Source {
  /** The most cases of each trial; undefined: all. */
  readonly cases?: number
}

export interface QualityRun {
  readonly report: EvaluationReport
  /** By system, over all trials and seeds. */
  readonly seconds: Readonly<Record<string, { readonly fit: number; readonly recommend: number }>>
  readonly totalSeconds: number
  readonly cpuSeconds: number
  readonly peakBytes: number | null
}

const { cut, ...settings } = JSON.parse(process.argv[2]) as QualitySettings
const started = performance.now()
const kernels = await openKernels({})
const { report, seconds } = await runEvaluation(
  {
    ...settings,
    ...(cut && { cut: [...cut] }),
    first: [10],
    seed: 1,
    tune: true,
    quarantine: '',
  },
  kernels,
  new AbortController().signal,
)
await kernels.close()
const { user, system } = process.cpuUsage()
const run: QualityRun = {
  report,
  seconds: Object.fromEntries(seconds.map(({ name, fit, recommend }) => [name, { fit, recommend }])),
  totalSeconds: (performance.now() - started) / 1000,
  cpuSeconds: (user + system) / 1e6,
  peakBytes: peakResidentBytes(),
}
console.log(JSON.stringify(run))
