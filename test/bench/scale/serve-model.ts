/** Opens a model as a server does and makes lists, in a process of its own, for `npm run bench -- scale`. */
import { statSync } from 'node:fs'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { Recommender } from '../../../src/engine/recommender.ts'
import { openKernels } from '../../../src/kernels/open.ts'
import { openModel } from '../../../src/model/model-file.ts'
import { peakResidentBytes } from '../machine.ts'
import { median, quantile } from '../sampling.ts'

/** What is served, and how many lists are made of it. */
export interface ServeSettings {
  readonly model: string
  readonly lists: number
  /** Products of a history, of which a model without histories is asked. */
  readonly historyLength: number
}

/** What serving takes. Times are processor time of all threads, in ms. */
export interface ServeCosts {
  readonly fileBytes: number
  /** Reading the file and checking it. */
  readonly open: number
  /** Opening what serves it, up to where a server says that it is ready. */
  readonly ready: number
  readonly firstList: number
  /** Resident after the first list, and at most before it. */
  readonly residentBytes: number
  readonly peakBytes: number | null
  readonly median: number
  readonly p95: number
}

function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function serve({ model: file, lists, historyLength }: ServeSettings): Promise<ServeCosts> {
  const kernels = await openKernels({ threads: 1 })
  const marks = [processorTime()]
  const mark = () => marks.push(processorTime())
  const model = await openModel(file)
  mark()
  const recommender = new Recommender(model, kernels)
  mark()
  const random = xoroshiro128plus(7)
  const request = () => {
    if (model.customers.size > 0)
      return { customer: uniformInt(random, 0, model.customers.size - 1), first: 10 }
    const history = Array.from({ length: historyLength }, () => ({
      product: Math.floor(model.products.size * (uniformInt(random, 0, 9999) / 10_000) ** 3),
      quantity: 1,
      purchasedAt: null,
    }))
    return { history, first: 10 }
  }
  await recommender.recommend([request()])
  mark()
  const residentBytes = process.memoryUsage.rss()
  const peakBytes = peakResidentBytes()
  const times: number[] = []
  for (let i = 0; i < lists; i++) {
    const before = processorTime()
    await recommender.recommend([request()])
    times.push(processorTime() - before)
  }
  recommender.close()
  await kernels.close()
  return {
    fileBytes: statSync(file).size,
    open: marks[1] - marks[0],
    ready: marks[2] - marks[1],
    firstList: marks[3] - marks[2],
    residentBytes,
    peakBytes,
    median: median(times),
    p95: quantile(times, 0.95),
  }
}

console.log(JSON.stringify(await serve(JSON.parse(process.argv[2]))))
