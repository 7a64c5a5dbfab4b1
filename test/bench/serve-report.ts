import type { ServeBench } from './serve.ts'
import type { QuestionCost } from './serve-overhead.ts'
import type { Served } from './serve-rounds.ts'

/** The results as lines for people. */
export function describeServe({ start, overhead, systems, served, missing }: ServeBench): string[] {
  return [
    ...systems.map(
      ({ name, version, answers, secondsToReady }) =>
        `${name} (${version}): answers with ${answers}; ready in ${secondsToReady.toFixed(0)} s from order history`,
    ),
    ...missing.map(({ peer, why }) => `NOT MEASURED: ${peer}: ${why}`),
    ...served.flatMap(describeOne),
    `one question at a time: { __typename } ${cost(overhead.empty)}; ten recommendations ${cost(overhead.list)}`,
    `  beyond { __typename }: ${cost(overhead.beyond)} a request, ` +
      `${cost(overhead.beyondPerRecommendation)} a recommendation`,
    `from the model file to the first list: ${start.median.toFixed(2)} s (${range(start.spread, 2)})`,
  ]
}

function describeOne(one: Served): string[] {
  const { audience, name, requestsPerSecond, spreadRequestsPerSecond, p50, p99, bytes } = one
  const { cpuMillisecondsPerRequest: cpu, failures, firstFailure } = one
  return [
    `${name}, ${audience}: ${requestsPerSecond.toFixed(0)} requests a second (${range(spreadRequestsPerSecond, 0)}), ` +
      `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${(bytes / 1000).toFixed(1)} kB` +
      (cpu === null ? '' : `, ${cpu.toFixed(2)} ms of processor time`) +
      (one.generatorShare === null
        ? ''
        : `, ${one.cores!.toFixed(2)} cores, of which the load generator ${(100 * one.generatorShare).toFixed(0)} %`) +
      comparison(one),
    ...(failures > 0 ? [`  ${failures} ANSWERS WERE WRONG, the first: ${firstFailure}`] : []),
  ]
}

/** With the first system; where ours is compared with itself, what more workers gain. */
function comparison({ name, ratio, spreadRatio }: Served): string {
  if (name === 'Rationale') return ''
  if (!name.startsWith('Rationale')) return `; Rationale: ${ratio.toFixed(2)} × (${range(spreadRatio, 2)})`
  const [least, most] = spreadRatio
  return `; ${(1 / ratio).toFixed(2)} × the first (${range([1 / most, 1 / least], 2)})`
}

function cost({ latency, cpu }: QuestionCost): string {
  return `${latency.toFixed(3)} ms${cpu === null ? '' : ` (${cpu.toFixed(3)} ms of processor time)`}`
}

const range = (values: readonly number[], digits: number) =>
  values.map((value) => value.toFixed(digits)).join(' to ')
