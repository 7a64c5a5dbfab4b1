import { createServer, type RequestListener } from 'node:http'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { quantile } from './sampling.ts'
import { CUSTOMER, type Load, runLoad } from './serve-load.ts'
import { overheadOf } from './serve-overhead.ts'
import { cpuSecondsOf, startProcess } from './serve-process.ts'
import { summarise } from './serve-rounds.ts'

const never = async () => false

const folder = mkdtempSync(join(tmpdir(), 'rationale-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the arithmetic of the bench', () => {
  test('a percentile is the least value that so many do not exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)
    expect([0.5, 0.99, 1].map((share) => quantile(hundred, share))).toEqual([50, 99, 100])
    expect(quantile([7], 0.5)).toBe(7)
    expect(quantile([1, 2, 3], 0.5)).toBe(2)
  })

  test('rounds are summed up by their medians, and compared round by round', () => {
    // Ours answers 40, 60 and 20 a second; they 10, 20 and 10: 4 ×, 3 × and 2 ×.
    const ours = [80, 120, 40].map((requests) => load({ requests, seconds: 2 }))
    const theirs = [20, 40, 20].map((requests, i) => load({ requests, seconds: 2, p99: [9, 5, 7][i] }))
    theirs[1] = { ...theirs[1], failures: 3, firstFailure: 'status 500' }
    expect(summarise(theirs, ours)).toEqual({
      requestsPerSecond: 10,
      spreadRequestsPerSecond: [10, 20],
      p50: 1,
      p99: 7,
      // 1 s of processor time for 20, 40 and 20 requests: 50, 25 and 50 ms.
      cpuMillisecondsPerRequest: 50,
      // A second of each within two.
      generatorShare: 0.5,
      cores: 1,
      bytes: 100,
      requests: 80,
      failures: 3,
      firstFailure: 'status 500',
      ratio: 3,
      spreadRatio: [2, 4],
    })
  })

  test('what a list takes beyond an empty query is told of ten recommendations and of one', () => {
    const { beyond, beyondPerRecommendation } = overheadOf(
      { latency: 0.5, cpu: 0.25 },
      { latency: 3, cpu: 1.25 },
    )
    expect([beyond, beyondPerRecommendation]).toEqual([
      { latency: 2.5, cpu: 1 },
      { latency: 0.25, cpu: 0.1 },
    ])
  })
})

describe('the load generator', () => {
  const customers = join(folder, 'customers')
  writeFileSync(customers, 'a\nb\nc\n')
  const settings = { customers, offset: 0, connections: 2, warmUpSeconds: 0, seconds: 0.3, pid: process.pid }

  test('asks about each customer in turn, as many at once as it is told, and counts right answers', async () => {
    const seen: string[] = []
    let [open, most] = [0, 0]
    const report = await against(
      async (request, response) => {
        most = Math.max(most, ++open)
        const body: string[] = []
        for await (const text of request.setEncoding('utf8')) body.push(text)
        await setTimeout(5)
        seen.push(`${request.method} ${request.url} ${body.join('')}`)
        open--
        response.end('{"data":{"list":[1,2]}}')
      },
      (url) =>
        runLoad({
          ...settings,
          url: `${url}/${CUSTOMER}`,
          body: `{"id":"${CUSTOMER}"}`,
          expected: { at: ['data', 'list'], length: 2 },
        }),
    )
    expect(seen.slice(0, 4).toSorted()).toEqual(
      ['a', 'a', 'b', 'c'].map((id) => `POST /${id} {"id":"${id}"}`),
    )
    expect(most).toBe(2)
    expect(report).toMatchObject({ requests: seen.length, failures: 0, firstFailure: null, bytes: 23 })
    expect(report.p50).toBeLessThanOrEqual(report.p99)
  })

  test('a wrong status and a short list are failures, and not counted as answers', async () => {
    const report = await against(
      (request, response) => {
        if (request.url === '/a') response.statusCode = 503
        response.end(request.url === '/b' ? '[1]' : '[1,2]')
      },
      (url) =>
        runLoad({ ...settings, connections: 1, url: `${url}/${CUSTOMER}`, expected: { at: [], length: 2 } }),
    )
    expect(report.firstFailure).toBe('a: status 503: [1,2]')
    expect(Math.abs(report.failures - 2 * report.requests)).toBeLessThanOrEqual(2)
  })

  test('where nothing is answered rightly it says so', async () => {
    const nothing = against(
      (_request, response) => response.end('[]'),
      (url) => runLoad({ ...settings, url, expected: { at: [], length: 10 } }),
    )
    await expect(nothing).rejects.toThrow(/failed/)
  })
})

describe('a server of the bench', () => {
  const log = join(folder, 'log')

  test('is waited for until it answers; its processor time, its children’s too, is told', async () => {
    const burn = 'while (process.cpuUsage().user < 300_000);'
    const child = `process.stdout.write('up'); setTimeout(() => {}, 2000)`
    const script = `${burn} require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(burn + child)}], { stdio: 'inherit' }); setTimeout(() => {}, 600_000)`
    const server = await startProcess(
      { program: process.execPath, args: ['-e', script], log },
      async (printed) => printed().includes('up'),
      30,
    )
    expect(server.secondsToAnswer).toBeGreaterThan(0.4)
    // 0.3 s each, of which a hundredth may not be told yet; null where there is no /proc.
    expect(cpuSecondsOf(server.pid) ?? 0.6).toBeGreaterThan(0.55)
    await server.stop()
    expect(cpuSecondsOf(server.pid)).toBeNull()
  })

  test('one that ends, or does not answer in time, is an error with what it printed', async () => {
    const ended = { program: process.execPath, args: ['-e', 'console.error("no model")'], log }
    await expect(startProcess(ended, never, 30)).rejects.toThrow(/it ended\nno model/)
    const silent = { program: process.execPath, args: ['-e', 'setTimeout(() => {}, 600_000)'], log }
    await expect(startProcess(silent, never, 0.2)).rejects.toThrow(/no answer in 0.2 s/)
  })
})

function load(of: Partial<Load>): Load {
  return {
    seconds: 1,
    requests: 1,
    failures: 0,
    firstFailure: null,
    mean: 1,
    p50: 1,
    p99: 1,
    bytes: 100,
    serverCpuSeconds: 1,
    clientCpuSeconds: 1,
    ...of,
  }
}

/** Asks a server of its own on loopback. */
async function against<T>(handle: RequestListener, ask: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
