import { copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openModel, writeModel } from '../../src/model/model-file.ts'
import { customerId } from '../api/shop.ts'
import { decision, fitted, modelVersions, promoteAll } from './models.ts'

const [a, b, c] = await fitted(3)

/** Times of files are kept by the tick of the system's clock, some milliseconds. */
const nextTick = () => sleep(20)

test('without a promoted model, the published file serves, and nothing is written', async () => {
  const { versions, folder } = await modelVersions(a).then((made) => ({
    ...made,
    folder: made.versions.folder,
  }))
  expect((await versions.current()).version).toBe(a.version)
  await expect(stat(folder)).rejects.toThrow('ENOENT')
})

test('a promoted model serves, is published, and is found by other processes', async () => {
  const { versions, again, file } = await modelVersions(a)
  await versions.adoptPublished()
  await promoteAll(versions, [b])
  expect((await openModel(file)).version).toBe(b.version)
  expect((await again().current()).version).toBe(b.version)
})

test('rolling back publishes the former model, byte for byte', async () => {
  const { versions, file } = await modelVersions(a)
  await versions.adoptPublished()
  await promoteAll(versions, [b])
  expect(await versions.rollback()).toEqual({ from: b.version, to: a.version })
  expect((await openModel(file)).summary.tensorHash).toBe(a.summary.tensorHash)
  expect((await versions.current()).version).toBe(a.version)
})

test('a promotion that was cut off before it was published is published at the next start', async () => {
  const { versions, again, file } = await modelVersions(a)
  await versions.adoptPublished()
  await versions.add(b, decision)
  await nextTick()
  await versions.registry.promote(b.version, decision)
  // The process ends here.
  expect((await openModel(file)).version).toBe(a.version)
  expect((await again().current()).version).toBe(b.version)
  expect((await openModel(file)).version).toBe(b.version)
})

test('a file that somebody puts in the place of the published one serves, and can be rolled back', async () => {
  const { versions, again, file } = await modelVersions(a)
  await versions.adoptPublished()
  await promoteAll(versions, [b])
  await nextTick()
  await writeModel(c, file)
  expect((await again().current()).version).toBe(c.version)
  expect(await versions.rollback()).toEqual({ from: c.version, to: b.version })
})

test('so does a copy of a model that served before', async () => {
  const { versions, file } = await modelVersions(a)
  await versions.adoptPublished()
  await promoteAll(versions, [b])
  await nextTick()
  await copyFile(versions.fileOf(a.version), file)
  expect((await versions.current()).version).toBe(a.version)
})

test('a published file that was deleted is published again', async () => {
  const { versions, file } = await modelVersions(a)
  await versions.adoptPublished()
  await rm(file)
  expect((await versions.current()).version).toBe(a.version)
  expect((await openModel(file)).version).toBe(a.version)
})

test('a published file that cannot be written does not hold a promotion or a start up, and is told each time', async () => {
  const { versions, again, file, unpublished } = await modelVersions(a)
  await versions.adoptPublished()
  await rm(file)
  await mkdir(file)
  await nextTick()
  await promoteAll(versions, [b])
  expect(unpublished).toEqual([
    expect.stringContaining(`Model ${b.version} serves, but ${file} could not be`),
  ])
  expect((await again().current()).version).toBe(b.version)
  expect(unpublished).toHaveLength(2)
  expect((await versions.rollback()).to).toBe(a.version)
  expect(unpublished[2]).toContain(`Model ${a.version} serves`)
  // Once it can be written, the next start does it.
  await rm(file, { recursive: true })
  expect((await again().current()).version).toBe(a.version)
  expect((await openModel(file)).version).toBe(a.version)
  expect(unpublished).toHaveLength(3)
})

test('a damaged model is not promoted, and the one that serves stays', async () => {
  const { versions } = await modelVersions(a)
  await versions.adoptPublished()
  await versions.add(b, decision)
  await writeFile(versions.fileOf(b.version), 'nothing')
  await expect(versions.promote(b.version, decision)).rejects.toThrow(versions.fileOf(b.version))
  expect((await versions.current()).version).toBe(a.version)
})

test('a former model whose file is gone is not gone back to', async () => {
  const { versions } = await modelVersions(a)
  await versions.adoptPublished()
  await promoteAll(versions, [b])
  await rm(versions.fileOf(a.version))
  await expect(versions.rollback()).rejects.toThrow('there is no such file or folder')
  expect((await versions.current()).version).toBe(b.version)
})

test('old models are deleted, and the last that served are kept', async () => {
  const { versions } = await modelVersions(a, 1)
  await versions.adoptPublished()
  await promoteAll(versions, [b, c])
  expect((await readdir(versions.folder)).toSorted()).toEqual(
    [b, c].map(({ version }) => `${version}.model`).toSorted(),
  )
})

test('a customer is taken out of every model, and of its files', async () => {
  const { versions, file } = await modelVersions(a)
  await versions.adoptPublished()
  await promoteAll(versions, [b])
  await writeFile(versions.fileOf('left-behind'), customerId(3))
  expect(await versions.erase(customerId(3))).toBe(2)
  expect(await versions.erase(customerId(3))).toBe(0)
  const models = await versions.registry.all()
  expect(models.map(({ state }) => state)).toEqual(['SERVING', 'RETIRED'])
  expect((await readdir(versions.folder)).toSorted()).toEqual(
    models.map(({ version }) => `${version}.model`).toSorted(),
  )
  for (const one of [file, ...models.map(({ version }) => versions.fileOf(version))])
    expect((await openModel(one)).customers.indexOf(customerId(3))).toBe(-1)
  expect((await versions.current()).version).toBe(models[0].version)
  expect((await versions.rollback()).to).toBe(models[1].version)
})

test('a customer is taken out of a file that no store knows', async () => {
  const { versions, file } = await modelVersions(a)
  expect(await versions.erase(customerId(3))).toBe(1)
  expect((await openModel(file)).customers.indexOf(customerId(3))).toBe(-1)
})
