import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CUSTOMER, type Question } from './serve-load.ts'
import { startProcess, type ServerProcess } from './serve-process.ts'

const LAUNCHER = join(import.meta.dirname, '../../bin/rationale.js')

const QUERY = `query Recommendations($customer: String!) {
  customer(externalId: $customer) {
    ... on Customer {
      recommendations(first: 10) {
        edges {
          node {
            rank
            product { sku name category }
            scores { hybrid collaborative { value contribution } content { value contribution } }
            reasons { __typename amount share }
          }
        }
      }
    }
  }
}`

/** What the page of a shop asks: titles, scores and the reasons, ten products. */
export function listQuestion(url: string): Question {
  const body = JSON.stringify({ query: QUERY, variables: { customer: CUSTOMER } })
  return { url, body, expected: { at: ['data', 'customer', 'recommendations', 'edges'], length: 10 } }
}

/** What costs nothing but the way there and back. */
export function emptyQuestion(url: string): Question {
  const body = JSON.stringify({ query: '{ __typename }' })
  return { url, body, expected: { at: ['data', '__typename'], length: 'Query'.length } }
}

/** A server with its address. */
export interface OurProcess extends ServerProcess {
  readonly url: string
}

/**
 * `rationale serve --model`, as a user starts it, but open to whoever asks; waits until it recommends to a customer.
 * @param customer  the id
 * @param workers  how many processes serve
 */
export async function startOurs(
  model: string,
  folder: string,
  customer: string,
  workers = 1,
): Promise<OurProcess> {
  let url = ''
  const server = await startProcess(
    {
      program: process.execPath,
      args: [LAUNCHER, 'serve', '--model', model, '--port', '0', '--insecure', '--workers', String(workers)],
      environment: { RATE_LIMIT: 'off' },
      log: join(folder, `ours-${workers}.log`),
    },
    async (printed) => {
      url = /http:\S+\/graphql/.exec(printed())?.[0] ?? ''
      return url !== '' && isAnswered(listQuestion(url), customer)
    },
    60,
  )
  return { ...server, url }
}

async function isAnswered({ url, body }: Question, customer: string): Promise<boolean> {
  const { data } = await ask<{ customer: { recommendations: { edges: unknown[] } } }>(url, body!, customer)
  return data.customer.recommendations.edges.length === 10
}

/** What a server of ours answers. Of `extensions`, what each answered operation carries. */
export interface Answer<Data> {
  readonly data: Data
  readonly extensions: { readonly cost: { readonly requested: number } }
}

/**
 * Asks one operation on behalf of a customer.
 * @throws {Error} with the answer, where it holds errors
 */
export async function ask<Data>(url: string, body: string, customer: string): Promise<Answer<Data>> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: body.replaceAll(CUSTOMER, customer) })
  const answer = (await response.json()) as Answer<Data> & { readonly errors?: unknown }
  if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors))
  return answer
}

/** The version in package.json. */
export function ourVersion(): string {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')).version
}
