/** One evaluation in a process of its own; prints one JSON object. Started by evaluation.ts. */
import { runEvaluation } from '../../src/cli/evaluate.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { peakResidentBytes } from './machine.ts'

export interface EvaluationSettings {
  readonly data: string
  readonly protocol: 'last-order' | 'temporal'
  readonly task: 'discovery' | 'next-order'
  readonly threads: number
}

export interface EvaluationRun {
  /** From reading the files to the report. */
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakBytes: number | null
  readonly cases: number
  readonly systems: number
}

const { threads, ...settings } = JSON.parse(process.argv[2]) as EvaluationSettings
const started = performance.now()
const kernels = await openKernels({ threads })
const options = {
  ...settings,
  cut: [],
  first: [5, 10, 20, 50],
  seed: 1,
  tune: true,
  note: [],
  quarantine: '',
}
const { report } = await runEvaluation(options, kernels, new AbortController().signal)
const { cases, systems } = report
const seconds = (performance.now() - started) / 1000
await kernels.close()
const { user, system } = process.cpuUsage()
const run: EvaluationRun = {
  seconds,
  cpuSeconds: (user + system) / 1e6,
  peakBytes: peakResidentBytes(),
  cases,
  systems: systems.length,
}
console.log(JSON.stringify(run))
