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

/** Serves by workers on a free port. */
async function serveBy(options: string, environment: Record<string, string> = {}) {
  const run = start(`serve ${options} --port 0`, { RATIONALE_TOKEN: TOKEN, ...environment })
  let said = ''
  run.process.stderr!.on('data', (text: string) => (said += text))
  const url = (await run.printed('/graphql\n')).trim()
  return { ...run, url, said: () => said }
}

/** A new connection for each question, so that workers answer in turn. */
async function ask(url: string, query: string) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}`, connection: 'close' },
    body: JSON.stringify({ query }),
  })
  return { status: response.status, ...((await response.json()) as { data: any; errors?: any[] }) }
}

/** The processes that a process has started and that run. */
function childrenOf({ process: { pid } }: Run): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return children === '' ? [] : children.split(' ').map(Number)
}

const NAMES = '{ products(first: 1) { edges { node { sku } } } }'

const onLinux = describe.skipIf(process.platform !== 'linux')

onLinux('rationale serve --workers', () => {
  test('serves one port by several processes, and ends them at SIGTERM with 0', async () => {
    const server = await serveBy(`--model ${model} --workers 3`)
    expect(childrenOf(server)).toHaveLength(3)
    for (let i = 0; i < 6; i++) expect((await ask(server.url, NAMES)).data.products.edges).toHaveLength(1)
    expect(server.said()).toContain('Serving by 3 workers; Ctrl-C stops them\n')
    server.process.kill('SIGTERM')
    const { code, stdout, stderr } = await server.finished
    expect([code, stdout]).toEqual([0, `${server.url}\n`])
    // One process says what all of them do.
    expect(stderr.match(/^Opening /gm)).toHaveLength(1)
    expect(stderr).not.toMatch(/error|ended/)
  })

  test('a new token opens all workers, and is printed once', async () => {
    const run = start(`serve --model ${model} --workers 2 --port 0`)
    let said = ''
    run.process.stderr!.on('data', (text: string) => (said += text))
    const url = (await run.printed('/graphql\n')).trim()
    const tokens = [...said.matchAll(/the token of this server: (rt_[0-9a-f]{48})/g)]
    expect(tokens).toHaveLength(1)
    for (let i = 0; i < 4; i++) {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${tokens[0][1]}`,
          connection: 'close',
        },
        body: JSON.stringify({ query: '{ customers(first: 1) { edges { node { externalId } } } }' }),
      })
      expect(((await response.json()) as any).errors).toBeUndefined()
    }
  })

  test('a worker that is killed is replaced, and the log says which', async () => {
    const server = await serveBy(`--model ${model} --workers 2`)
    const [first, second] = childrenOf(server)
    process.kill(second, 'SIGKILL')
    await server.printed('The worker serves')
    expect(childrenOf(server)).toContain(first)
    expect(childrenOf(server)).not.toContain(second)
    const line = server
      .said()
      .split('\n')
      .find((text) => text.includes('A worker ended'))
    expect(JSON.parse(line!)).toMatchObject({ worker: 2, ended: 'killed by SIGKILL', pause: 250 })
    for (let i = 0; i < 4; i++) expect((await ask(server.url, NAMES)).status).toBe(200)
  })

  test('a worker that is asked to end fails no request, and is replaced', async () => {
    const server = await serveBy(`--model ${model} --workers 2`)
    let isAsking = true
    let answered = 0
    const failures: unknown[] = []
    onTestFinished(() => void (isAsking = false))
    const asking = Array.from({ length: 4 }, async () => {
      while (isAsking) {
        await ask(server.url, NAMES).then(
          ({ status }) => (status === 200 ? answered++ : failures.push(status)),
          (error) => failures.push(error),
        )
      }
    })
    await until(async () => answered > 10)
    for (const [i, worker] of childrenOf(server).entries()) {
      process.kill(worker, 'SIGTERM')
      await until(async () => server.said().split('The worker serves').length === i + 2)
    }
    const before = answered
    await until(async () => answered > before + 10)
    isAsking = false
    await Promise.all(asking)
    expect(failures).toEqual([])
  })

  test('workers share a store: what one records, and the retraining that one is asked for, all know', async () => {
    const store = `${model}.workers.sqlite`
    const server = await serveBy(`--data ${shop} --store ${store} --workers 2`)
    const version = (await ask(server.url, '{ modelInfo { version } }')).data.modelInfo.version
    await ask(server.url, 'mutation { retrain(input: { force: true }) { retraining { isRunning } } }')
    // Connections go to the workers in turn.
    const running = await Promise.all(
      Array.from({ length: 4 }, () => ask(server.url, '{ retraining { isRunning startedAt } }')),
    )
    expect(new Set(running.map(({ data }) => data.retraining.isRunning))).toEqual(new Set([true]))
    const isDone = async () => {
      const all = await Promise.all(
        Array.from({ length: 4 }, () =>
          ask(server.url, '{ retraining { isRunning promoted } modelInfo { version } }'),
        ),
      )
      return all.every(
        ({ data }) =>
          !data.retraining.isRunning &&
          data.retraining.promoted !== null &&
          data.modelInfo.version !== version,
      )
    }
    await until(isDone)
  })

  test('rates hold for all workers together', async () => {
    const limits = { RATE_LIMIT: '2000,0.01', MAX_COST: '500' }
    const server = await serveBy(`--model ${model} --workers 2 --insecure`, limits)
    let spent = 0
    for (let refused = 0; refused < 6; ) {
      const { status, extensions } = (await ask(server.url, NAMES)) as any
      if (status === 200) spent += extensions.cost.requested
      else refused++
    }
    expect(spent).toBeGreaterThan(1500)
    expect(spent).toBeLessThanOrEqual(2000)
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
