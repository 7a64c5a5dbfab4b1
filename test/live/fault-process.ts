/**
 * A process that changes a store until it is killed. Each line on stdout is something that is acknowledged: it must be
 * there whenever the process is killed after.
 * Arguments: what it does, the store, the published model, a folder of models to promote, a number that makes its ids
 * its own.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { openModel } from '../../src/model/model-file.ts'
import { ModelVersions } from '../../src/service/model-versions.ts'
import { openModelRegistry } from '../../src/store/model-registry.ts'
import { openCatalogue } from '../../src/store/catalogue-store.ts'
import { openEvents } from '../../src/store/open-events.ts'

const [what, store, published, models, round] = process.argv.slice(2)

/** Returns when the line has left this process. */
const acknowledge = (line: string) =>
  new Promise<void>((resolve) => {
    process.stdout.write(`${line}\n`, () => resolve())
  })

const events = openEvents(store)
const versions = new ModelVersions({
  registry: openModelRegistry(store),
  folder: `${store}.models`,
  published,
  keep: 2,
})
const decision = { reason: 'A test promotes it.', ndcg10: null }

const work: Readonly<Record<string, (n: number) => Promise<void>>> = {
  async events(n) {
    const keys = Array.from({ length: 1 + (n % 7) }, (_, i) => `${round}-${n}-${i}`)
    await events.append(
      keys.map((key) => ({
        customer: `customer-${n % 9}`,
        product: 'mug',
        kind: 'PURCHASE',
        at: Date.now(),
        idempotencyKey: key,
      })),
    )
    await acknowledge(`events ${keys.join(' ')}`)
  },
  async catalogue(n) {
    const catalogue = openCatalogue(store)
    await catalogue.upsert([{ sku: `${round}-${n}`, name: `Product ${n}` }])
    await acknowledge(`product ${round}-${n}`)
    await catalogue.close()
  },
  async promotions(n) {
    const files = readdirSync(models).toSorted()
    const model = await openModel(join(models, files[n % files.length]))
    await versions.add(model, decision)
    await versions.promote(model.version, decision)
    await acknowledge(`serving ${model.version}`)
  },
  async rollbacks(n) {
    await work['promotions'](n)
    await work['promotions'](n + 1)
    const { to } = await versions.rollback()
    await acknowledge(`serving ${to}`)
  },
  async erasures(n) {
    await events.append([
      { customer: `erased-${round}-${n}`, product: 'mug', kind: 'PURCHASE', at: Date.now() },
    ])
    await events.erase(`erased-${round}-${n}`)
    await acknowledge(`erased erased-${round}-${n}`)
  },
}

await acknowledge('begins')
for (let n = 0; ; n++) await work[what](n)
