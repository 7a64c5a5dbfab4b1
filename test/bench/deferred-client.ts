import { all, partsOf } from '../api/parts.ts'

/** What a client of its own process is told to ask. */
export interface DeferredClientSettings {
  readonly url: string
  readonly customers: readonly string[]
  /** The first so many requests of each kind are not counted. */
  readonly warmUp: number
}

/** Milliseconds from the request to the list, of each request. */
export interface ListTimes {
  readonly plain: number[]
  readonly deferred: number[]
}

// A process of its own, so that the server's work on the explanations does not keep the client from reading.
if (process.argv[1] === import.meta.filename) {
  console.log(JSON.stringify(await timeLists(JSON.parse(process.argv[2]))))
}

async function timeLists({ url, customers, warmUp }: DeferredClientSettings): Promise<ListTimes> {
  const times: ListTimes = { plain: [], deferred: [] }
  for (const [request, customer] of customers.entries()) {
    const kinds = request % 2 === 0 ? (['plain', 'deferred'] as const) : (['deferred', 'plain'] as const)
    for (const kind of kinds) {
      const time = await timeList(url, queryOf(customer, kind === 'deferred'))
      if (request >= warmUp) times[kind].push(time)
    }
  }
  return times
}

function queryOf(customer: string, isDeferred: boolean): string {
  const explanation = isDeferred ? '... @defer { explanation { text } }' : ''
  return `{ customer(externalId: ${JSON.stringify(customer)}) { ... on Customer { recommendations(first: 10) { edges { node {
    rank product { sku name } scores { hybrid } ${explanation}
  } } } } } }`
}

/** To the list; the parts that follow are read, too, before another request is made. */
async function timeList(url: string, query: string): Promise<number> {
  const began = performance.now()
  const parts = partsOf(url, query, { accept: 'multipart/mixed, application/json' })
  const { value } = await parts.next()
  const time = performance.now() - began
  if (value?.errors !== undefined) throw new Error(JSON.stringify(value.errors))
  await all(parts)
  return time
}
