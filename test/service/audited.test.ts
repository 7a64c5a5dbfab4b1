/** Who did what over the API is in the audit log of the store, and no customer is. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { onTestFinished, expect, test } from 'vitest'
import { Recommender } from '../../src/engine/recommender.ts'
import { startServer } from '../../src/server/server.ts'
import { ModelService } from '../../src/service/model-service.ts'
import { Retrainings } from '../../src/service/retraining.ts'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { auditEntries } from '../../src/store/audit-log.ts'
import type { KeyScope } from '../../src/store/scope.ts'
import { openCatalogue } from '../../src/store/catalogue-store.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { rationale } from '../cli/program.ts'
import { fitted, kernels, modelVersions, promoteAll } from './models.ts'

const script = fileURLToPath(new URL('./retraining-process.ts', import.meta.url))
const [a, b] = await fitted(2)

/** A server of a store with keys, events, a catalogue and models. */
async function serving() {
  const { versions, store } = await modelVersions(a)
  await versions.adoptPublished()
  const apiKeys = new ApiKeyStore(store)
  const [events, catalogue] = [openEvents(store), openCatalogue(store)]
  const models = await ModelService.start(
    {
      kept: {
        versions,
        retrainings: new Retrainings(() => [script, 'wait']),
        erase: (customer) => versions.erase(customer),
        watched: null,
      },
      catalogue,
      open: (opened) => Recommender.open(opened, kernels, { catalogue, events }),
      onSwap: () => {},
      onFailure: (error) => {
        throw error
      },
    },
    a,
  )
  const server = await startServer({
    recommender: models.states,
    models,
    apiKeys,
    port: 0,
    logger: pino({ level: 'silent' }),
  })
  onTestFinished(async () => {
    await server.close()
    await models.close()
    await catalogue.close()
    await events.close()
    await apiKeys.close()
  })
  async function ask(mutation: string, key: string) {
    const answer = await fetch(server.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
      body: JSON.stringify({ query: `mutation { ${mutation} }` }),
    })
    return (await answer.json()) as { data: any; errors?: { extensions: { code: string } }[] }
  }
  const keyOf = (...scopes: KeyScope[]) => apiKeys.create(scopes.join(), scopes, null)
  /** The entries about anything but keys, the first first. */
  const entries = async () =>
    (await auditEntries(store, 100))
      .filter(({ kind }) => kind !== 'keys')
      .toReversed()
      .map(({ actor, kind, action, subject }) => [actor, kind, action, subject])
  return { store, versions, models, events, ask, keyOf, entries }
}

test('changes of the catalogue are recorded with the products that changed', async () => {
  const { ask, keyOf, entries } = await serving()
  const former = (await entries()).length
  const { key, id } = await keyOf('write')
  const products = '[{ sku: "new-1", name: "A mug" }, { sku: "new-2" }]'
  const upsert = `upsertProducts(input: { products: ${products} }) { __typename }`
  await ask(upsert, key)
  // The second time nothing changes, and the last is refused.
  await ask(upsert, key)
  await ask('removeProducts(input: { skus: ["new-2"] }) { __typename }', key)
  await ask('upsertProducts(input: { products: [{ sku: "bad", price: -1 }] }) { __typename }', key)
  expect((await entries()).slice(former)).toEqual([
    [`key ${id}`, 'catalogue', 'upsert', '2 products: "new-1", "new-2"'],
    [`key ${id}`, 'catalogue', 'remove', '1 product: "new-2"'],
  ])
})

test('exports and erasures are recorded without the customer, who is found in no byte of the store', async () => {
  const { store, events, ask, keyOf, entries } = await serving()
  const former = (await entries()).length
  const customer = 'someone-to-forget'
  const { key, id } = await keyOf('read', 'write')
  const reader = await keyOf('read')
  await events.append(
    Array.from({ length: 3 }, (_, n) => ({
      customer,
      product: `p${n}`,
      kind: 'VIEW' as const,
      at: n * 1e9 + 2e8,
    })),
  )
  const exported = `exportCustomer(input: { customer: "${customer}", first: 2 }) { __typename }`
  await ask(exported, reader.key)
  expect((await ask(exported, key)).errors).toBeUndefined()
  const erased = await ask(`eraseCustomer(input: { customer: "${customer}" }) { events }`, key)
  expect(erased.data.eraseCustomer).toEqual({ events: 3 })
  expect((await entries()).slice(former)).toEqual([
    [`key ${id}`, 'customers', 'export', 'a customer, 2 events'],
    [`key ${id}`, 'customers', 'erase', 'a customer, 3 events'],
  ])
  await events.scrub()
  for (const file of [store, `${store}-wal`]) expect(readFileSync(file, 'latin1')).not.toContain(customer)
})

test('retrainings begun and cancelled, promotions and rollbacks are recorded', async () => {
  const { versions, models, ask, keyOf, entries } = await serving()
  const former = (await entries()).length
  const { key, id } = await keyOf('write', 'admin')
  await ask('retrain(input: { force: true }) { __typename }', key)
  const again = await ask('retrain { __typename }', key)
  expect(again.errors![0].extensions.code).toBe('RETRAINING_RUNS')
  await ask('cancelRetraining { wasRunning }', key)
  await models.retrainings!.ended
  await ask('cancelRetraining { wasRunning }', key)
  await promoteAll(versions, [b])
  await ask('rollbackModel { to }', key)
  await ask('rollbackModel { to }', key)
  expect((await entries()).slice(former)).toEqual([
    [`key ${id}`, 'models', 'retrain', 'a new model, without comparison'],
    [`key ${id}`, 'models', 'cancel', 'the retraining that was running'],
    ['program', 'models', 'promote', `${b.version}, in place of ${a.version}`],
    [`key ${id}`, 'models', 'roll back', `${b.version}, to ${a.version}`],
  ])
})

test('`rationale audit` shows them, and what the command line does', async () => {
  const { store, ask, keyOf, versions } = await serving()
  await ask(
    'upsertProducts(input: { products: [{ sku: "new-1" }] }) { __typename }',
    (await keyOf('write')).key,
  )
  await promoteAll(versions, [b])
  await rationale(`rollback --store ${store}`)
  await rationale(`erase --store ${store} --customer somebody`)
  const { stdout } = await rationale(`audit --store ${store}`)
  expect(stdout).toMatch(/key \w+ +catalogue upsert +1 product: "new-1"/)
  expect(stdout).toMatch(/program +models promote +\w+, in place of \w+/)
  expect(stdout).toMatch(/command line of .+ models roll back +\w+, to \w+/)
  expect(stdout).toMatch(/command line of .+ customers erase +a customer, 0 events/)
  expect(stdout).not.toContain('somebody')
})
