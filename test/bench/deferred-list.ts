import { once } from 'node:events'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Recommender } from '../../src/engine/recommender.ts'
import { openExplainer } from '../../src/explanations/open-explainer.ts'
import { startServer } from '../../src/server/server.ts'
import { BENCH_SECONDS, startChild } from '../child-process.ts'
import { loopbackSettings, silentLog } from '../explanations/openai-server.ts'
import { runBenchFile } from './child.ts'
import type { DeferredClientSettings, ListTimes } from './deferred-client.ts'
import { quantile } from './sampling.ts'

/** Milliseconds from the request to the list, explanations left out or deferred. */
export interface DeferredList {
  readonly requests: number
  /** 95th percentiles. */
  readonly plain: number
  readonly deferred: number
  readonly plainMedian: number
  readonly deferredMedian: number
}

const WARM_UP = 100
const REQUESTS = 600

/** Times the list in turn with and without deferred explanations by a language model. */
export async function timeDeferredList(recommender: Recommender): Promise<DeferredList> {
  const openAi = await startElsewhere()
  const { explainer } = await openExplainer(loopbackSettings(openAi), silentLog)
  const logger = pino({ level: 'silent' })
  const server = await startServer({
    recommender,
    explainer,
    logger,
    host: '127.0.0.1',
    port: 0,
    production: true,
    keyless: ['read'],
  })
  const { customers } = recommender.model
  const settings: DeferredClientSettings = {
    url: server.url,
    customers: Array.from({ length: WARM_UP + REQUESTS }, (_, request) =>
      customers.at(request % customers.size),
    ),
    warmUp: WARM_UP,
  }
  const { plain, deferred } = await runBenchFile<ListTimes>('deferred-client.ts', settings)
  await server.close()
  openAi.stop()
  return {
    requests: REQUESTS,
    plain: quantile(plain, 0.95),
    deferred: quantile(deferred, 0.95),
    plainMedian: quantile(plain, 0.5),
    deferredMedian: quantile(deferred, 0.5),
  }
}

/** Where a language model is: not in the server's own process. */
async function startElsewhere(): Promise<{ readonly url: string; stop(): void }> {
  const child = startChild(process.execPath, [join(import.meta.dirname, 'openai-process.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    lifetime: BENCH_SECONDS,
  })
  const [url] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
  return { url: url.trim(), stop: () => child.kill() }
}
