import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { beforeAll, describe, expect, test } from 'vitest'
import { rationale, type Run, start, temporaryFolder } from './program.ts'
import { smallShop, trainedModel } from './shop.ts'

let shop: string
beforeAll(async () => {
  shop = await smallShop()
})

/** Serves on a free port, asks one question over HTTP, and stops at `signal`. */
async function serveAndAsk(run: Run, signal: NodeJS.Signals = 'SIGINT') {
  const url = (await run.printed('/graphql\n')).trim()
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ products(first: 1) { edges { node { sku } } } }' }),
  })
  const answer = (await response.json()) as any
  run.process.kill(signal)
  return { answer, ...(await run.finished) }
}

const oneProduct = { data: { products: { edges: [{ node: { sku: expect.any(String) } }] } } }

describe('rationale serve', () => {
  test('trains on --data, answers, and stops at Ctrl-C with 0', async () => {
    const { answer, code, stdout, stderr } = await serveAndAsk(start(`serve --data ${shop} --port 0`))
    expect(answer).toMatchObject(oneProduct)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/graphql\n$/)
    expect(stderr).toMatch(/^Reading [^]*^Training [^]*^Serving/m)
    expect(stderr).toContain('What is set over the API ends with this server: --store <file> would keep it\n')
  })

  test('serves a --model file, and stops at SIGTERM with 0', async () => {
    const model = await trainedModel(shop)
    const run = start(`serve --model ${model} --port 0`)
    const { answer, code } = await serveAndAsk(run, 'SIGTERM')
    expect(answer).toMatchObject(oneProduct)
    expect(code).toBe(0)
  })

  test('without either it makes up a shop, once', async () => {
    const cache = temporaryFolder()
    const home = { HOME: cache, XDG_CACHE_HOME: cache, LOCALAPPDATA: cache }
    const first = await serveAndAsk(start('serve --port 0', home))
    expect(first.answer).toMatchObject(oneProduct)
    expect(first.stderr).toMatch(/making up a shop/)
    const second = await serveAndAsk(start('serve --port 0', home))
    expect(second.answer).toEqual(first.answer)
    expect(second.stderr).not.toMatch(/making up a shop/)
    expect(readdirSync(cache)).not.toEqual([])
  })

  test('a port that is taken is told before any training', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { code, stderr } = await rationale(`serve --data ${shop} --port ${port}`)
    other.close()
    expect(code).toBe(1)
    expect(stderr).toMatch(
      new RegExp(`^error: cannot listen on 127\\.0\\.0\\.1:${port} .*choose another --port or --host\n$`),
    )
  })
})
