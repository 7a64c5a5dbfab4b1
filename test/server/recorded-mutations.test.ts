import { chmodSync } from 'node:fs'
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { startServer } from '../../src/server/server.ts'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { auditEntries } from '../../src/store/audit-log.ts'
import { openAvailability } from '../../src/store/availability-store.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { customerToken } from '../api/keyed-server.ts'
import { customerId, sku, smallRecommender } from '../api/shop.ts'
import { startChild } from '../child-process.ts'
import { temporaryFile } from '../explanations/writer.ts'

test('a change over the API is recorded with who made it, and one that was refused is not', async () => {
  const file = temporaryFile('store.sqlite')
  const apiKeys = new ApiKeyStore(file)
  const availability = await openAvailability(file)
  const { model } = await smallRecommender()
  const recommender = new Recommender(model, referenceKernels(), { availability })
  const token = 'a-token-of-sixteen-letters'
  const server = await startServer({
    recommender,
    apiKeys,
    token,
    host: '127.0.0.1',
    port: 0,
    production: true,
    logger: pino({ level: 'silent' }),
  })
  const hide = async (number: number, bearer: string | null) => {
    const products = `[{ sku: "${sku(number)}", hidden: true }]`
    await fetch(server.url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(bearer !== null && { Authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify({
        query: `mutation { setProductAvailability(input: { products: ${products} }) { __typename } }`,
      }),
    })
  }
  const writes = await apiKeys.create('feed', ['write'], null)
  const reads = await apiKeys.create('page', ['read'], null)
  await hide(1, writes.key)
  await hide(2, token)
  await hide(3, null)
  await hide(4, reads.key)
  await hide(5, await customerToken(apiKeys, customerId(1)))
  await hide(10_000, writes.key)
  await server.close()
  recommender.close()
  await availability.close()
  await apiKeys.close()
  const entries = (await auditEntries(file, 100)).filter(({ kind }) => kind === 'availability')
  expect(entries.map(({ actor, action, subject }) => [actor, action, subject])).toEqual([
    ['server token', 'set', `1 change: "${sku(2)}" {"hidden":true}`],
    [`key ${writes.id}`, 'set', `1 change: "${sku(1)}" {"hidden":true}`],
  ])
})

const moduleOf = (path: string) => JSON.stringify(new URL(`../../${path}.ts`, import.meta.url).href)
const onUnix = test.skipIf(process.platform === 'win32')

onUnix(
  'a server whose store may only be read answers what is asked, and refuses changes in words',
  async () => {
    const file = temporaryFile('store.sqlite')
    const availability = await openAvailability(file)
    await availability.set([{ sku: sku(1), hidden: true }])
    await availability.close()
    const folders = [dirname(file), dirname(dirname(file))]
    chmodSync(file, 0o444)
    for (const folder of folders) chmodSync(folder, 0o555)
    const program = `
    import { Recommender } from ${moduleOf('src/engine/recommender')}
    import { referenceKernels } from ${moduleOf('src/kernels/reference')}
    import { startServer } from ${moduleOf('src/server/server')}
    import { openAvailability } from ${moduleOf('src/store/availability-store')}
    import { openEvents } from ${moduleOf('src/store/open-events')}
    import { smallRecommender } from ${moduleOf('test/api/shop')}
    const { model } = await smallRecommender()
    const recommender = new Recommender(model, referenceKernels(), {
      availability: await openAvailability(${JSON.stringify(file)}), events: openEvents(${JSON.stringify(file)}),
    })
    const token = 'a-token-of-sixteen-letters'
    const server = await startServer({ recommender, token, host: '127.0.0.1', port: 0, production: true })
    const ask = async (query) => {
      const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer ' + token }
      const response = await fetch(server.url, { method: 'POST', headers, body: JSON.stringify({ query }) })
      console.log(response.status, JSON.stringify(await response.json()))
    }
    await ask('{ product(sku: "${sku(1)}") { ... on Product { availability { hidden } } } }')
    await ask('mutation { setProductAvailability(input: { products: [{ sku: "${sku(2)}", hidden: true }] }) { __typename } }')
    await ask('mutation { recordEvents(input: { events: [{ customer: "c", product: "p", kind: VIEW }] }) { __typename } }')
    await ask('{ customer(externalId: "${customerId(1)}") { ... on Customer { recommendations(first: 1) { edges { node { rank } } } } } }')
    process.exit()`
    const child = startChild(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // The superuser may write to anything: then it is somebody else who serves.
      ...(process.getuid?.() === 0 && { uid: 65534 }),
    })
    const [read, changed, recorded, listed] = (await text(child.stdout)).split('\n')
    for (const folder of folders) chmodSync(folder, 0o755)
    expect(read).toMatch(/^200 .*"hidden":true/)
    expect(changed).toMatch(/^200 .*is read-only: nothing was changed.*"code":"STORE_READ_ONLY"/)
    expect(recorded).toMatch(/^200 .*is read-only: nothing was recorded.*"code":"STORE_READ_ONLY"/)
    expect(listed).toMatch(/^200 .*"rank":1/)
  },
)
