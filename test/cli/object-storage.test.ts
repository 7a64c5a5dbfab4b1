import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { objectStorage } from '../files/storage.ts'
import { rationale, rationaleJson, start, temporaryFolder } from './program.ts'
import { smallShop } from './shop.ts'

const environment = await objectStorage()
const URL = 's3://models/shops/shop.model'

test('a model is trained into object storage and used from there, as from a file', async () => {
  const shop = await smallShop()
  const file = join(temporaryFolder(), 'shop.model')
  const train = `train --data ${shop} --factors 8 --iterations 5 --effort quick`
  const [there, here] = [
    await rationaleJson(`${train} --model ${URL}`),
    await rationaleJson(`${train} --model ${file}`),
  ]
  expect(there['hash']).toBe(here['hash'])
  const [customer] = readFileSync(join(shop, 'olist_customers_dataset.csv'), 'utf8')
    .split('\n')[1]
    .split(',')
    .slice(1)
  const ask = (model: string) =>
    rationaleJson(`recommend --model ${model} --customer ${customer.replaceAll('"', '')}`)
  expect((await ask(URL))['recommendations']).toEqual((await ask(file))['recommendations'])

  const store = join(temporaryFolder(), 'shop.sqlite')
  const server = start(`serve --model ${URL} --store ${store} --port 0`, environment)
  onTestFinished(() => void server.process.kill())
  await server.printed('/graphql')
})

test('serving such a model needs the name of a store', async () => {
  const { code, stderr } = await rationale(`serve --model ${URL} --port 0`)
  expect(code).not.toBe(0)
  expect(stderr).toContain(`there is no place for a store beside ${URL}: name one with --store or $STORE`)
})

test('a store keeps its models in object storage', async () => {
  const store = join(temporaryFolder(), 'shop.sqlite')
  const kept = `--store ${store} --models s3://models/kept`
  await rationaleJson(`import --data ${await smallShop()} --store ${store}`)
  const { candidate, promoted } = await rationaleJson(`retrain ${kept} --effort quick`)
  expect(promoted).toBe(true)
  const inspected = await rationaleJson(`inspect --model s3://models/kept/${candidate}.model`)
  expect(inspected['version']).toBe(candidate)
})
