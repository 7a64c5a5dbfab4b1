/** A server of the real program over a store, and what tests ask it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Run, start } from '../cli/program.ts'

/** What opens everything on such a server. */
export const TOKEN = 'a-token-of-sixteen-letters'

/** A server that runs. */
export interface LiveServer extends Run {
  /** Of GraphQL. */
  readonly url: string
  /** The data of an answer. @throws {Error} with its errors */
  ask(query: string, variables?: object): Promise<any>
  /** Ends it as Ctrl-C does. @returns its exit code */
  stop(): Promise<number | null>
}

/** Starts `rationale serve <options>` on a free port. */
export async function serve(options: string, environment: Record<string, string> = {}): Promise<LiveServer> {
  const run = start(`serve ${options} --port 0`, { RATIONALE_TOKEN: TOKEN, ...environment })
  const url = (await run.printed('/graphql\n')).trim()
  return {
    ...run,
    url,
    async ask(query, variables = {}) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify({ query, variables }),
      })
      const { data, errors } = (await response.json()) as { data: any; errors?: { message: string }[] }
      if (errors) throw new Error(errors.map(({ message }) => message).join('\n'))
      return data
    },
    async stop() {
      run.process.kill('SIGTERM')
      return (await run.finished).code
    },
  }
}

/** Waits until something is so, asking again and again. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(50)
}

/** The version that a server answers with. */
export const versionOf = async ({ ask }: LiveServer): Promise<string> =>
  (await ask('{ modelInfo { version } }')).modelInfo.version

const LIST = `query List($customer: String!, $first: Int!, $filter: ProductFilter) {
  customer(externalId: $customer) {
    ... on Customer {
      recommendations(first: $first, filter: $filter) {
        ... on RecommendationConnection {
          edges {
            node {
              product { sku }
              reasons {
                ... on TasteReason { purchase { product { sku } } }
                ... on ResemblanceReason { purchase { product { sku } } }
                ... on PopularInCategoryReason { purchases { product { sku } } }
                ... on PopularWithSellerReason { purchases { product { sku } } }
                ... on ViewedReason { product { sku } }
              }
            }
          }
        }
      }
    }
  }
}`

interface Sku {
  readonly product: { readonly sku: string }
}

/** A recommended product, and the products that the reasons for it name. */
export interface Listed {
  readonly sku: string
  readonly because: readonly string[]
}

/** A customer's list with its reasons. */
export async function listed(
  { ask }: LiveServer,
  customer: string,
  { first = 20, filter }: { readonly first?: number; readonly filter?: object } = {},
): Promise<readonly Listed[]> {
  const { customer: found } = await ask(LIST, { customer, first, filter })
  const edges = found.recommendations.edges as {
    node: Sku & { reasons: { purchase?: Sku; purchases?: Sku[]; product?: { sku: string } }[] }
  }[]
  return edges.map(({ node }) => ({
    sku: node.product.sku,
    because: node.reasons.flatMap(({ purchase, purchases = [], product }) => [
      ...[...(purchase ? [purchase] : []), ...purchases].map((one) => one.product.sku),
      ...(product ? [product.sku] : []),
    ]),
  }))
}

/** The products of a customer's list. */
export const listOf = async (server: LiveServer, customer: string): Promise<string[]> =>
  (await listed(server, customer)).map(({ sku }) => sku)

/** Whether a customer's whole list holds a product. */
export const holds = async (server: LiveServer, customer: string, sku: string): Promise<boolean> =>
  (await listed(server, customer, { filter: { include: [sku] } })).length > 0

/** Records an event; fails unless it is recorded. */
export const record = ({ ask }: LiveServer, event: object): Promise<unknown> =>
  ask(
    'mutation ($event: EventInput!) { recordEvents(input: { events: [$event] }) { ... on RecordEventsPayload { accepted } ... on InvalidInputError { message } } }',
    { event },
  ).then(({ recordEvents }) => expect(recordEvents).toEqual({ accepted: 1 }))

/** Retrains over the API, and waits for the end. @returns how it went */
export async function retrained(server: LiveServer, force: boolean) {
  await server.ask(`mutation { retrain(input: { force: ${force} }) { retraining { isRunning } } }`)
  const status = async () =>
    (await server.ask('{ retraining { isRunning candidate promoted reason failure } }')).retraining
  await until(async () => !(await status()).isRunning)
  return status()
}
