import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { until } from '../live/server.ts'
import { rationale, type Run, start } from './program.ts'
import { smallShop, trainedModel } from './shop.ts'

let shop: string
let model: string
beforeAll(async () => {
  shop = await smallShop()
  model = await trainedModel(shop)
})

const TOKEN = 'a-token-of-sixteen-letters'

/** Serves by workers on a free port. @param token  left out: a new one */
async function serveBy(options: string, token?: string, environment: Record<string, string> = {}) {
  const run = start(`serve ${options} --port 0`, { ...(token && { RATIONALE_TOKEN: token }), ...environment })
  let said = ''
  run.process.stderr!.on('data', (text: string) => (said += text))
  const url = (await run.printed('/graphql\n')).trim()
  return { ...run, url, said: () => said }
}

/** A new connection for each question, so that workers answer in turn. */
async function ask(url: string, query: string, token = TOKEN) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, connection: 'close' },
    body: JSON.stringify({ query }),
  })
  return { status: response.status, ...((await response.json()) as { data: any; extensions: any }) }
}

/** The processes that a process has started and that run. */
function childrenOf({ process: { pid } }: Run): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return children === '' ? [] : children.split(' ').map(Number)
}

const NAMES = '{ products(first: 1) { edges { node { sku } } } }'

const onLinux = describe.skipIf(process.platform !== 'linux')

onLinux('rationale serve --workers', () => {
  test('serves one port by several processes with one token, and ends them at SIGTERM with 0', async () => {
    const server = await serveBy(`--model ${model} --workers 3`)
    expect(childrenOf(server)).toHaveLength(3)
    const tokens = [...server.said().matchAll(/the token of this server: (rt_[0-9a-f]{48})/g)]
    expect(tokens).toHaveLength(1)
    for (let i = 0; i < 6; i++) {
      const { data } = await ask(
        server.url,
        '{ customers(first: 1) { edges { node { externalId } } } }',
        tokens[0][1],
      )
      expect(data.customers.edges).toHaveLength(1)
    }
    expect(server.said()).toContain('Serving by 3 workers; Ctrl-C stops them\n')
    server.process.kill('SIGTERM')
    const { code, stdout, stderr } = await server.finished
    expect([code, stdout]).toEqual([0, `${server.url}\n`])
    // One process says what all of them do.
    expect(stderr.match(/^Opening /gm)).toHaveLength(1)
    expect(stderr).not.toMatch(/error|ended/)
  })

  test('replaces a worker that is killed, and one that is asked to end, which fails no request', async () => {
    const server = await serveBy(`--model ${model} --workers 2`, TOKEN)
    const [first, second] = childrenOf(server)
    const replaced = (times: number) =>
      until(async () => server.said().split('The worker serves').length === times + 1)
    process.kill(second, 'SIGKILL')
    await replaced(1)
    expect(childrenOf(server)).toContain(first)
    expect(childrenOf(server)).not.toContain(second)
    const line = server
      .said()
      .split('\n')
      .find((text) => text.includes('A worker ended'))
    expect(JSON.parse(line!)).toMatchObject({ worker: 2, ended: 'killed by SIGKILL', pause: 250 })

    let answered = 0
    const failures: unknown[] = []
    const done = new AbortController()
    onTestFinished(() => done.abort())
    const asking = Array.from({ length: 4 }, async () => {
      while (!done.signal.aborted) {
        await ask(server.url, NAMES).then(
          ({ status }) => (status === 200 ? answered++ : failures.push(status)),
          (error) => failures.push(error.cause),
        )
      }
    })
    await until(async () => answered > 10)
    process.kill(first, 'SIGTERM')
    await replaced(2)
    const before = answered
    await until(async () => answered > before + 10)
    done.abort()
    await Promise.all(asking)
    expect(failures).toEqual([])
  })

  test('all workers know of the retraining that one was asked for, and answer with its model', async () => {
    const fit = '--factors 8 --iterations 5'
    const server = await serveBy(`--data ${shop} --store ${model}.shared.sqlite --workers 2 ${fit}`, TOKEN)
    // Connections go to the workers in turn.
    const askAll = async (query: string) => {
      const answers = await Promise.all(Array.from({ length: 4 }, () => ask(server.url, query)))
      return answers.map(({ data }) => data)
    }
    const [{ modelInfo }] = await askAll('{ modelInfo { version } }')
    const [{ products }] = await askAll(NAMES)
    const { sku } = products.edges[0].node
    await ask(
      server.url,
      `mutation { recordEvents(input: { events: [
        { customer: "somebody", product: "${sku}", kind: PURCHASE, at: "${new Date().toISOString()}" }
      ] }) { __typename } }`,
    )
    const { data } = await ask(
      server.url,
      'mutation { retrain(input: { force: true }) { retraining { isRunning } } }',
    )
    expect(data.retrain.retraining.isRunning).toBe(true)
    await until(async () =>
      (await askAll('{ retraining { startedAt } }')).every(({ retraining }) => retraining.startedAt !== null),
    )
    await until(async () =>
      (await askAll('{ retraining { isRunning promoted } modelInfo { version } }')).every(
        (now) =>
          !now.retraining.isRunning && now.retraining.promoted && now.modelInfo.version !== modelInfo.version,
      ),
    )
  })

  test('rates hold for all workers together', async () => {
    const limits = { RATE_LIMIT: '2000,0.01', MAX_COST: '500' }
    const server = await serveBy(`--model ${model} --workers 2 --insecure`, TOKEN, limits)
    // A wrong token costs its address 100 points.
    const statuses: number[] = []
    for (let i = 0; i < 30; i++) statuses.push((await ask(server.url, NAMES, `rt_${'0'.repeat(48)}`)).status)
    expect(statuses).toEqual([...Array<number>(20).fill(401), ...Array<number>(10).fill(429)])
  })

  test('a server without a store has one worker', async () => {
    const { code, stderr } = await rationale(`serve --data ${shop} --workers 2 --port 0`)
    expect(code).toBe(1)
    expect(stderr).toBe('error: --workers needs a store: name one with --store or $STORE\n')
  })

  test('workers that cannot start end the server, with the reason', async () => {
    const { code, stderr } = await rationale(`serve --model ${shop}/none.model --workers 2 --port 0`)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: .*none\.model/m)
    expect(stderr).toMatch(
      /^error: worker 1 ended before it served \(exit code 1\); what it said is above\n$/m,
    )
  })
})
