import { median, spread } from './sampling.ts'
import { type Load, runLoad } from './serve-load.ts'
import type { Audience, ServedShop } from './serve-shop.ts'
import type { System } from './serve-system.ts'

export interface RoundOptions {
  readonly rounds: number
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly connections: number
}

/** One system, asked about one audience: medians over the rounds. */
export interface Served {
  readonly audience: Audience
  readonly name: string
  readonly requestsPerSecond: number
  readonly spreadRequestsPerSecond: readonly [least: number, greatest: number]
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Processor time of the server; null where the system does not tell. */
  readonly cpuMillisecondsPerRequest: number | null
  /** The load generator's part of the processor time of both; null where the system does not tell. */
  readonly generatorShare: number | null
  /** How many cores server and load generator had on average; null where the system does not tell. */
  readonly cores: number | null
  readonly bytes: number
  /** In all rounds together. */
  readonly requests: number
  readonly failures: number
  readonly firstFailure: string | null
  /** Requests a second of the first system over those of this one, round by round. */
  readonly ratio: number
  readonly spreadRatio: readonly [least: number, greatest: number]
}

/** Asks the systems in turn, round after round, so that a change of the machine's mood meets them all. */
export async function serveInTurn(
  systems: readonly System[],
  audience: Audience,
  { audiences }: ServedShop,
  { rounds, ...load }: RoundOptions,
): Promise<Served[]> {
  const loads: Load[][] = systems.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [s, { name, question, pid }] of systems.entries()) {
      const customers = audiences[audience]
      // Each round goes on with other customers.
      const one = await runLoad({ ...question, ...load, customers, offset: round * 997, pid })
      loads[s].push(one)
      console.error(
        `  ${name}, ${audience} ${round + 1}/${rounds}: ${rate(one).toFixed(0)} a second` +
          (one.firstFailure === null ? '' : `; ${one.failures} FAILURES, the first: ${one.firstFailure}`),
      )
    }
  }
  return systems.map(({ name }, s) => ({ audience, name, ...summarise(loads[s], loads[0]) }))
}

/** @param first  of the system that the others are compared with, the same rounds */
export function summarise(loads: readonly Load[], first: readonly Load[]): Omit<Served, 'audience' | 'name'> {
  const rates = loads.map(rate)
  const ratios = loads.map((load, round) => rate(first[round]) / rate(load))
  const cpu = loads.map(cpuMillisecondsPerRequest)
  const both = loads.map(({ serverCpuSeconds, clientCpuSeconds }) =>
    serverCpuSeconds === null ? Number.NaN : serverCpuSeconds + clientCpuSeconds,
  )
  const sum = (of: (load: Load) => number) => loads.reduce((total, load) => total + of(load), 0)
  return {
    requestsPerSecond: median(rates),
    spreadRequestsPerSecond: spread(rates),
    p50: median(loads.map(({ p50 }) => p50)),
    p99: median(loads.map(({ p99 }) => p99)),
    cpuMillisecondsPerRequest: cpu.some((milliseconds) => milliseconds === null)
      ? null
      : median(cpu as number[]),
    generatorShare: known(median(loads.map(({ clientCpuSeconds }, i) => clientCpuSeconds / both[i]))),
    cores: known(median(loads.map(({ seconds }, i) => both[i] / seconds))),
    bytes: median(loads.map(({ bytes }) => bytes)),
    requests: sum(({ requests }) => requests),
    failures: sum(({ failures }) => failures),
    firstFailure: loads.find(({ firstFailure }) => firstFailure !== null)?.firstFailure ?? null,
    ratio: median(ratios),
    spreadRatio: spread(ratios),
  }
}

const known = (value: number) => (Number.isNaN(value) ? null : value)

/** Processor time of the server, failures paid for, too. */
export function cpuMillisecondsPerRequest({ serverCpuSeconds, requests }: Load): number | null {
  return serverCpuSeconds === null ? null : (serverCpuSeconds * 1000) / requests
}

const rate = ({ requests, seconds }: Load) => requests / seconds
