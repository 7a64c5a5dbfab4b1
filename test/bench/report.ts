import type { AlsRow } from './als.ts'
import type { CrossoverRow } from './crossover.ts'
import type { EvaluationBench } from './evaluation.ts'
import type { KernelRow } from './kernels.ts'
import type { Losses } from './losses.ts'
import type { MillionRow } from './million.ts'
import type { Oracle } from './oracle.ts'
import type { Serving } from './serving.ts'
import type { TopKRow } from './topk.ts'

/** The results as lines for people. */
export function describeAls(rows: readonly AlsRow[]): string[] {
  return rows.flatMap(({ matrix, factors, threads, ours, peer, ratio }) => [
    `${matrix}, ${factors} factors`,
    `  ours (${ours.variant}), ${threads} threads: ${fit(ours)}`,
    ...(peer
      ? [`  implicit ${peer.version} (${peer.kernelType}), ${peer.threads} threads: ${fit(peer)}`]
      : []),
    ...(ratio ? [`  ${ratio.toFixed(1)} × as fast as implicit`] : []),
  ])
}

export function describeTopK(rows: readonly TopKRow[]): string[] {
  return rows.flatMap(({ items, factors, k, threads, ours, peer, batchRatio, singleRatio }) => [
    `top ${k} of ${items} × ${factors}, ${threads} threads`,
    `  ours (${ours.variant}): ${search(ours)}`,
    ...(peer ? [`  implicit ${peer.version} (${peer.kernelType}): ${search(peer)}`] : []),
    ...(batchRatio && singleRatio
      ? [`  ${batchRatio.toFixed(2)} × as fast in the batch, ${singleRatio.toFixed(2)} × alone`]
      : []),
  ])
}

export function describeMillion(rows: readonly MillionRow[]): string[] {
  return rows.map(
    ({ items, factors, k, threads, variant, batch, seconds, readSeconds, ratio }) =>
      `top ${k} of ${items} × ${factors} (${variant}), ${threads} threads, ${batch} at once: ` +
      `${milliseconds(seconds)}; reading them once: ${milliseconds(readSeconds)} (${ratio.toFixed(2)} ×)`,
  )
}

export function describeLosses({ variant, losses, bestScores }: Losses): string[] {
  const { customer, ours, implicit } = bestScores
  return [
    ...losses.map(
      ({ alpha, ours: loss, implicitCg, implicitExact }) =>
        `α = ${alpha}: ours (${variant}) ${loss.toExponential(5)}` +
        (implicitCg && implicitExact
          ? `, implicit ${implicitExact.toExponential(5)} exact, ${implicitCg.toExponential(5)} by CG`
          : ''),
    ),
    `best score of customer ${customer}, a seed each:`,
    `  ours ${range(ours)}`,
    ...(implicit ? [`  implicit ${range(implicit)}`] : []),
  ]
}

export function describeKernels(rows: readonly KernelRow[]): string[] {
  return rows.map(
    ({ node, variant, kernel, factors, gigaflops, shareOfPeak }) =>
      `${node} ${variant.padEnd(12)} ${String(factors).padStart(4)} ${kernel.padEnd(20)} ` +
      `${gigaflops.toFixed(1).padStart(6)} GFLOP/s ${(100 * shareOfPeak).toFixed(0).padStart(4)} %`,
  )
}

export function describeCrossover(rows: readonly CrossoverRow[]): string[] {
  return rows.map(
    ({ variant, factors, entries, lowRankMicroseconds, conjugateGradientMicroseconds }) =>
      `${variant}, ${factors} factors, rows of ${String(entries).padStart(2)}: ` +
      `n × n system ${lowRankMicroseconds.toFixed(2)} µs, ` +
      `conjugate gradients ${conjugateGradientMicroseconds.toFixed(2)} µs`,
  )
}

export function describeEvaluation({ threads, evaluations, notebook }: EvaluationBench): string[] {
  return [
    ...evaluations.map(
      ({ protocol, task, seconds, peakBytes, cases, systems }) =>
        `${protocol}, ${task}: ${systems} systems tuned and asked ${cases} times: ${seconds.toFixed(0)} s ` +
        `on ${threads} threads${memory(peakBytes)}`,
    ),
    ...(notebook
      ? [
          `the notebook’s loop: ${notebook.hits} of ${notebook.customers} found, fitted and asked in ` +
            `${notebook.seconds.toFixed(0)} s, of which the loop ${notebook.loopSeconds.toFixed(0)} s` +
            memory(notebook.peakBytes),
        ]
      : []),
  ]
}

export function describeOracles(oracles: readonly Oracle[]): string[] {
  return oracles.flatMap(({ task, rows }) => [
    `${task}: found among the first 10, with weights of hindsight; proposed among the first 50, % of the cases`,
    ...rows.map(
      ({ slice, cases, found, withHindsight, proposed, proposedByAny }) =>
        `  ${slice} (${cases}): ${percent(found)}, ${percent(withHindsight)}; any source ${percent(proposedByAny)}` +
        Object.entries(proposed)
          .map(([source, share]) => `, ${source} ${percent(share)}`)
          .join(''),
    ),
  ])
}

export function describeServing(serving: Serving): string[] {
  const { variant, threads, factors, foldIn, neighbours, core } = serving
  return [
    `${variant}, ${factors} factors, ${threads} threads`,
    `  a customer of 3 purchases: ${foldIn.solveMicroseconds.toFixed(1)} µs; with what each contributes: ` +
      `${foldIn.withContributionsMicroseconds.toFixed(1)} µs`,
    `  the 20 nearest of ${neighbours.products} products by ${neighbours.features} features: ` +
      `${neighbours.byContentSeconds.toFixed(2)} s; its partners by co-purchase: ${neighbours.partnersSeconds.toFixed(2)} s`,
    `  the core, ${core.bytes} bytes: compiled in ${core.compileMilliseconds.toFixed(2)} ms, ` +
      `instantiated in ${core.instantiateMilliseconds.toFixed(2)} ms`,
  ]
}

function fit({
  fitSeconds,
  spreadSeconds,
  loss,
  peakBytes,
  discarded,
  disturbed,
}: AlsRow['ours' | 'peer'] & {}) {
  return (
    `${fitSeconds.toFixed(3)} s (${spreadSeconds.map((s) => s.toFixed(3)).join(' to ')}), ` +
    `loss ${loss.toExponential(5)}${memory(peakBytes)}${quality(discarded, disturbed)}`
  )
}

function search(measured: TopKRow['ours' | 'peer'] & {}) {
  const { batchMicrosecondsPerUser, spreadMicroseconds, singleMicroseconds, scoreSum, discarded, disturbed } =
    measured
  return (
    `${batchMicrosecondsPerUser.toFixed(1)} µs a user of 1,000 ` +
    `(${spreadMicroseconds.map((s) => s.toFixed(1)).join(' to ')}), ${singleMicroseconds.toFixed(0)} µs alone, ` +
    `sum of scores ${scoreSum.toFixed(4)}${quality(discarded, disturbed)}`
  )
}

function memory(peakBytes: number | null): string {
  return peakBytes === null ? '' : `, peak ${(peakBytes / 2 ** 20).toFixed(0)} MiB`
}

/** What a reader has to know before believing a median. */
function quality(discarded: number, disturbed: number): string {
  return (
    (discarded > 0 ? `; ${discarded} disturbed runs discarded` : '') +
    (disturbed > 0 ? `; ${disturbed} RUNS KEPT ALTHOUGH DISTURBED: measure again on a quiet machine` : '')
  )
}

const percent = (share: number) => (100 * share).toFixed(1)

const milliseconds = (seconds: number) => `${(seconds * 1000).toFixed(2)} ms`

const range = (values: readonly number[]) =>
  `${Math.min(...values).toFixed(3)} to ${Math.max(...values).toFixed(3)} (${values.map((v) => v.toFixed(3)).join(', ')})`
