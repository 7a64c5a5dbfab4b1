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

/** The code of the error by which a question about customers is refused; undefined where it is answered. */
async function codeOf(url: string, token?: string): Promise<string | undefined> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  const body = JSON.stringify({ query: '{ customers(first: 1) { edges { node { externalId } } } }' })
  const answer = (await (await fetch(url, { method: 'POST', headers, body })).json()) as any
  return answer.errors?.[0].extensions.code
}

const oneProduct = { data: { products: { edges: [{ node: { sku: expect.any(String) } }] } } }

describe('rationale serve', () => {
  test('trains on --data, answers, and stops at Ctrl-C with 0', async () => {
    const { answer, code, stdout, stderr } = await serveAndAsk(start(`serve --data ${shop} --port 0`))
    expect(answer).toMatchObject(oneProduct)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/graphql\n$/)
    expect(stderr).toMatch(/^Reading [^]*^Training [^]*^Serving/m)
    expect(stderr).toContain('Changes over the API are lost when this server stops: --store keeps them\n')
  })

  test('serves a --model file, and stops at SIGTERM with 0', async () => {
    const model = await trainedModel(shop)
    const run = start(`serve --model ${model} --port 0`)
    const { answer, code } = await serveAndAsk(run, 'SIGTERM')
    expect(answer).toMatchObject(oneProduct)
    expect(code).toBe(0)
  })

  test('prints a token, with a link that opens everything, and answers nothing about customers without', async () => {
    const run = start(`serve --model ${await trainedModel(shop)} --port 0`)
    let said = ''
    run.process.stderr!.on('data', (text: string) => (said += text))
    await run.printed('Serving; ')
    const url = (await run.printed('/graphql\n')).trim()
    const [, token] = /the token of this server: (rt_[0-9a-f]{48}) \(Authorization: Bearer …\)\n/.exec(said)!
    expect(said).toContain(`Open in a browser: ${url}#token=${token}\n`)
    expect(await codeOf(url)).toBe('FORBIDDEN')
    expect(await codeOf(url, token)).toBeUndefined()
    run.process.kill('SIGINT')
    expect((await run.finished).stdout).not.toContain(token)
  })

  test('takes its token from the environment, and does not print that', async () => {
    const token = 'a-token-of-the-environment'
    const run = start(`serve --model ${await trainedModel(shop)} --port 0`, { RATIONALE_TOKEN: token })
    const url = (await run.printed('/graphql\n')).trim()
    expect(await codeOf(url, token)).toBeUndefined()
    expect(await codeOf(url, `${token}x`)).toBe('FORBIDDEN')
    run.process.kill('SIGINT')
    const { stdout, stderr } = await run.finished
    expect(stderr).toContain('that of $RATIONALE_TOKEN (Authorization: Bearer …)')
    expect(stdout + stderr).not.toContain(token)
  })

  test('without either it makes up a shop, once', async () => {
    const cache = temporaryFolder()
    const home = { HOME: cache, XDG_CACHE_HOME: cache, LOCALAPPDATA: cache }
    const first = await serveAndAsk(start('serve --port 0', home))
    expect(first.answer).toMatchObject(oneProduct)
    expect(first.stderr).toMatch(/generating a demo shop/)
    expect(first.stderr).toContain('Changes need an API key, or the token of this server: rt_')
    const second = await serveAndAsk(start('serve --port 0', home))
    expect(second.answer).toEqual(first.answer)
    expect(second.stderr).not.toMatch(/generating a demo shop/)
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
