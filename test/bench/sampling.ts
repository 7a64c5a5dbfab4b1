/** What every measured run reports of itself. */
export interface Run {
  readonly seconds: number
  /** Processor time, all threads together. */
  readonly cpuSeconds: number
}

export interface Contender<R extends Run> {
  readonly name: string
  readonly threads: number
  run(): Promise<R>
}

export interface Sample<R extends Run> {
  /** `repeat` of them. */
  readonly runs: readonly R[]
  /** Runs thrown away because something else had the processor. */
  readonly discarded: number
  /** Runs kept although something else had the processor: no attempt was better. 0 on a quiet machine. */
  readonly disturbed: number
}

/** Linux at times puts two threads on one core while another idles; such a run tells of the scheduler. */
const leastCpuShare = 0.85
const attempts = 4

/** Runs the contenders in turn, `repeat` rounds, so that a change of the machine's mood meets them all. */
export async function alternate<const R extends readonly Run[]>(
  contenders: { [C in keyof R]: Contender<R[C]> },
  repeat: number,
): Promise<{ [C in keyof R]: Sample<R[C]> }> {
  const samples = contenders.map(() => ({ runs: [] as Run[], discarded: 0, disturbed: 0 }))
  for (let round = 1; round <= repeat; round++) {
    for (const [c, contender] of contenders.entries()) {
      const { run, tried, disturbed } = await undisturbedRun(contender)
      samples[c].runs.push(run)
      samples[c].discarded += tried - 1
      if (disturbed) samples[c].disturbed++
      const asides = [tried > 1 && `${tried - 1} disturbed before it`, disturbed && 'disturbed itself']
      const note = asides.filter(Boolean).join(', ')
      console.error(
        `  ${contender.name} ${round}/${repeat}: ${run.seconds.toFixed(3)} s${note && ` (${note})`}`,
      )
    }
  }
  return samples as { [C in keyof R]: Sample<R[C]> }
}

async function undisturbedRun({ threads, run }: Contender<Run>) {
  const cpuShare = ({ cpuSeconds, seconds }: Run) => cpuSeconds / (threads * seconds)
  let best = await run()
  let tried = 1
  for (; cpuShare(best) < leastCpuShare && tried < attempts; tried++) {
    const next = await run()
    if (cpuShare(next) > cpuShare(best)) best = next
  }
  return { run: best, tried, disturbed: cpuShare(best) < leastCpuShare }
}

/** The middle value, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}

/** The least value that a share of all values does not exceed (nearest rank): 0.99 for the 99th percentile. */
export function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1]
}

/** Least and greatest. */
export function spread(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)]
}
