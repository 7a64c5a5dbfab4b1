import { olistIsThere } from './matrices.ts'
import { peerIsSetUp } from './peer.ts'
import { median, spread } from './sampling.ts'
import { startGorse } from './serve-gorse.ts'
import { measureOverhead, type Overhead } from './serve-overhead.ts'
import { listQuestion, ourVersion, startOurs } from './serve-ours.ts'
import { fitRestModel, startRest } from './serve-rest.ts'
import { type RoundOptions, type Served, serveInTurn } from './serve-rounds.ts'
import { readServedShop, type ServedShop, writeOlistModel } from './serve-shop.ts'
import type { System } from './serve-system.ts'
import { temporaryFolder } from './temporary-folder.ts'

export const servePeers = ['rest', 'gorse'] as const
export type ServePeer = (typeof servePeers)[number]

export interface ServeOptions extends RoundOptions {
  readonly peers: readonly ServePeer[]
  /** How often our server is started. */
  readonly starts: number
  /** Numbers of our workers: one server of each. */
  readonly workers: readonly number[]
}

export interface ServeBench {
  /** Seconds from starting `rationale serve --model` to its first list. */
  readonly start: { readonly median: number; readonly spread: readonly [number, number] }
  readonly overhead: Overhead
  readonly systems: readonly Pick<System, 'name' | 'version' | 'answers' | 'secondsToReady'>[]
  readonly served: readonly Served[]
  /** Peers that were asked for and not measured, and why. */
  readonly missing: readonly { readonly peer: ServePeer; readonly why: string }[]
}

/** Compares servers that recommend ten products of Olist's; undefined without Olist's data. */
export async function benchServe(options: ServeOptions): Promise<ServeBench | undefined> {
  if (!olistIsThere()) return undefined
  announce(options)
  const folder = temporaryFolder()
  console.error('  reading Olist (some seconds)')
  const shop = await readServedShop(folder)
  const customer = shop.dataset.customers.at(shop.customers[0])
  console.error('  ours: training (some seconds)')
  const began = performance.now()
  const model = await writeOlistModel(shop.dataset, folder)
  const trainingSeconds = (performance.now() - began) / 1000
  console.error(`  ours: trained in ${trainingSeconds.toFixed(0)} s; measuring ${options.starts} starts`)
  const start = await timeStarts(model, folder, customer, options.starts)

  console.error('  ours: starting')
  const [ours, ...more] = await Promise.all(
    options.workers.map((workers) => startOurs(model, folder, customer, workers)),
  )
  console.error(`  ours: one question at a time (${durationOf(2 * secondsOfRounds(options))})`)
  const overhead = await measureOverhead(ours, shop, options)
  const systems: System[] = [ours, ...more].map(({ pid, url, secondsToAnswer, stop }, i) => ({
    pid,
    stop,
    name: options.workers[i] === 1 ? 'Rationale' : `Rationale, ${options.workers[i]} workers`,
    version: `rationale ${ourVersion()}, Node ${process.version}`,
    answers: 'ids, titles, scores, reasons',
    question: listQuestion(url),
    secondsToReady: trainingSeconds + secondsToAnswer,
  }))
  const missing = await addPeers(systems, shop, folder, options.peers)
  console.error(
    `  load on ${systems.map(({ name }) => name).join(', ')} (${durationOf(2 * systems.length * secondsOfRounds(options))})`,
  )
  const served = [
    ...(await serveInTurn(systems, 'customers', shop, options)),
    ...(await serveInTurn(systems, 'repeat customers', shop, options)),
  ]
  await Promise.all(systems.map((system) => system.stop()))
  return { start, overhead, systems: systems.map(describe), served, missing }
}

/** Says what will be done, and how long it will take at least, before anything else. */
function announce({ peers, starts, workers, ...load }: ServeOptions): void {
  // Rationale by itself, then two audiences for it and for each peer; REST has two variants.
  const systems = workers.length + peers.reduce((count, peer) => count + (peer === 'rest' ? 2 : 1), 0)
  const measuring = durationOf((2 + 2 * systems) * secondsOfRounds(load))
  const slow = {
    rest: '; REST takes some minutes to fit its model',
    gorse: '; gorse takes some minutes to build, load and cache lists (at most 30 minutes a step)',
  }
  console.error(
    `Serving Olist by Rationale (${starts} starts)${peers.map((peer) => `, ${peer}`).join('')}: at least ` +
      `${measuring} of measuring${peers.map((peer) => slow[peer]).join('')}.`,
  )
}

/** Seconds of all rounds of one system and one audience. */
function secondsOfRounds({ rounds, seconds, warmUpSeconds }: RoundOptions): number {
  return rounds * (seconds + warmUpSeconds)
}

function durationOf(seconds: number): string {
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} minutes`
}

async function timeStarts(model: string, folder: string, customer: string, starts: number) {
  const seconds: number[] = []
  for (let i = 0; i < starts; i++) {
    const server = await startOurs(model, folder, customer)
    await server.stop()
    seconds.push(server.secondsToAnswer)
    console.error(`  ours: started ${i + 1}/${starts} in ${server.secondsToAnswer.toFixed(2)} s`)
  }
  return { median: median(seconds), spread: spread(seconds) }
}

/** Starts each peer that is set up. @returns those that could not be started, also printed on stderr */
async function addPeers(
  systems: System[],
  shop: ServedShop,
  folder: string,
  peers: readonly ServePeer[],
): Promise<ServeBench['missing']> {
  const missing: { peer: ServePeer; why: string }[] = []
  for (const peer of peers) {
    console.error(`  ${peer}: starting`)
    try {
      systems.push(...(peer === 'rest' ? await startRests(shop, folder) : [await startGorse(shop, folder)]))
    } catch (error) {
      const why = (error as Error).message
      missing.push({ peer, why })
      console.error(`NOT MEASURED: ${peer}: ${why}`)
    }
  }
  return missing
}

async function startRests(shop: ServedShop, folder: string): Promise<System[]> {
  if (!peerIsSetUp()) throw new Error('test/bench/peers is not set up')
  console.error('  REST: fitting (some minutes)')
  const model = await fitRestModel(shop, folder)
  return [await startRest(model, 'notebook', folder), await startRest(model, 'precomputed', folder)]
}

const describe = ({ name, version, answers, secondsToReady }: System) => ({
  name,
  version,
  answers,
  secondsToReady,
})
