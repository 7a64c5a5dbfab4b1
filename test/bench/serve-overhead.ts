import { median } from './sampling.ts'
import { type Load, type Question, runLoad } from './serve-load.ts'
import { emptyQuestion, listQuestion, type OurProcess } from './serve-ours.ts'
import { cpuMillisecondsPerRequest, type RoundOptions } from './serve-rounds.ts'
import type { ServedShop } from './serve-shop.ts'

/** What a question costs on one connection, milliseconds: medians over the rounds. */
export interface QuestionCost {
  readonly latency: number
  /** Of the server; null where the system does not tell. */
  readonly cpu: number | null
}

/** What a list of ten costs beyond a query of nothing: what HTTP, yoga and graphql take for every request. */
export interface Overhead {
  readonly empty: QuestionCost
  readonly list: QuestionCost
  /** list − empty, of a request of ten recommendations. */
  readonly beyond: QuestionCost
  /** The same, of one recommendation. */
  readonly beyondPerRecommendation: QuestionCost
}

const LISTED = 10

/** Asks our server one question at a time, nothing and lists in turn. */
export async function measureOverhead(
  { url, pid }: OurProcess,
  { audiences }: ServedShop,
  { rounds, ...load }: RoundOptions,
): Promise<Overhead> {
  const ask = (question: Question, round: number) =>
    runLoad({
      ...question,
      ...load,
      connections: 1,
      customers: audiences.customers,
      offset: round * 997,
      pid,
    })
  const [empty, list]: [Load[], Load[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    empty.push(await ask(emptyQuestion(url), round))
    list.push(await ask(listQuestion(url), round))
  }
  return overheadOf(costOf(empty), costOf(list))
}

/** What a list takes more than nothing does, in all and for each of its ten. */
export function overheadOf(empty: QuestionCost, list: QuestionCost): Overhead {
  const beyond = {
    latency: list.latency - empty.latency,
    cpu: list.cpu === null || empty.cpu === null ? null : list.cpu - empty.cpu,
  }
  const beyondPerRecommendation = {
    latency: beyond.latency / LISTED,
    cpu: beyond.cpu === null ? null : beyond.cpu / LISTED,
  }
  return { empty, list, beyond, beyondPerRecommendation }
}

function costOf(loads: readonly Load[]): QuestionCost {
  const cpu = loads.map(cpuMillisecondsPerRequest)
  return {
    latency: median(loads.map(({ mean }) => mean)),
    cpu: cpu.some((milliseconds) => milliseconds === null) ? null : median(cpu as number[]),
  }
}
