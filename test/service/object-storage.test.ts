import { readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { objectsIn, removeObject, storeObject, withObjectCopy } from '../../src/files/object-storage.ts'
import { ModelFileError, openModel, writeModel } from '../../src/model/model-file.ts'
import { customerId } from '../api/shop.ts'
import { temporaryFile } from '../explanations/writer.ts'
import { objectStorage } from '../files/storage.ts'
import { decision, fitted, modelVersions, promoteAll } from './models.ts'

await objectStorage()
const [a, b, c] = await fitted(3)

/** A folder that no other test uses. */
let storage: string
let tests = 0
beforeEach(() => {
  storage = `s3://models/shop-${++tests}`
})

const copies = () => readdirSync(tmpdir()).filter((name) => name.includes('.shop-copy.model'))

describe('a model in object storage', () => {
  test('is opened as it was written, and leaves no copy on this machine', async () => {
    const url = `${storage}/shop-copy.model`
    const { hash } = await writeModel(a, url)
    const found = await openModel(url)
    expect(`sha256:${found.summary.tensorHash}`).toBe(hash)
    expect(found.itemFactors).toEqual(a.itemFactors)
    expect(copies()).toEqual([])
  })

  test('is the same file, byte for byte, as on this machine', async () => {
    const file = temporaryFile('shop.model')
    await writeModel(a, file)
    await writeModel(a, `${storage}/shop.model`)
    const there = await withObjectCopy(`${storage}/shop.model`, (copy) => readFile(copy))
    expect(there.equals(await readFile(file))).toBe(true)
  })

  test('is refused if it is damaged', async () => {
    const file = temporaryFile('shop.model')
    await writeModel(a, file)
    const bytes = await readFile(file)
    bytes[bytes.length - 1] ^= 1
    await writeFile(file, bytes)
    await storeObject(file, `${storage}/shop.model`)
    await expect(openModel(`${storage}/shop.model`)).rejects.toThrow(/SHA-256 is not the one it states/)
  })

  test('stays the former one when writing is aborted', async () => {
    const url = `${storage}/shop.model`
    await writeModel(a, url)
    const reason = new Error('Ctrl-C')
    await expect(writeModel(b, url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect((await openModel(url)).version).toBe(a.version)
  })
})

const message = (url: string) => openModel(url).catch((error: Error) => error.message)

/** As another process with another environment would say it. */
async function messageWith(variable: string, value: string): Promise<string> {
  const former = process.env[variable]!
  vi.resetModules()
  vi.stubEnv(variable, value)
  const fresh = await import('../../src/files/object-storage.ts')
  const said = await fresh.objectState('s3://models/x').catch((error: Error) => error.message)
  vi.stubEnv(variable, former)
  return String(said)
}

describe('what is wrong is said', () => {
  test('where there is no such object, no such bucket, or no name', async () => {
    expect(await message('s3://models/none')).toBe(
      'Cannot open the model s3://models/none: there is no such object: check the name.',
    )
    expect(await message('s3://elsewhere/shop.model')).toBe(
      'Cannot open the model s3://elsewhere/shop.model: there is no bucket elsewhere: create it, or check the name.',
    )
    expect(await message('s3://models')).toBe(
      'Cannot open the model s3://models: it must look like s3://bucket/name.',
    )
    await expect(writeModel(a, 's3://elsewhere/shop.model')).rejects.toThrow(
      'Cannot write the model s3://elsewhere/shop.model: there is no bucket elsewhere: create it, or check the name.',
    )
  })

  test('where the access key is unknown', async () => {
    expect(await messageWith('AWS_ACCESS_KEY_ID', 'nobody')).toMatch(
      /^cannot read s3:\/\/models\/x: .*\(status 403\)/,
    )
  })

  test('where nothing listens', async () => {
    // A port that nobody listens on.
    expect(await messageWith('AWS_ENDPOINT_URL', 'http://127.0.0.1:1')).toMatch(
      /^cannot read s3:\/\/models\/x: .*ECONNREFUSED.*: check the storage, AWS_ENDPOINT_URL and AWS_REGION$/,
    )
  })
})

describe('the models of a store in object storage', () => {
  test('are promoted, found by other processes, rolled back and pruned', async () => {
    const { versions, again, file } = await modelVersions(a, 1, storage)
    await versions.adoptPublished()
    await promoteAll(versions, [b, c])
    expect((await again().current()).version).toBe(c.version)
    expect((await openModel(file)).version).toBe(c.version)
    expect(await objectsIn(versions.folder)).toEqual(
      [b, c].map(({ version }) => versions.fileOf(version)).sort(),
    )
    expect(await again().rollback()).toEqual({ from: c.version, to: b.version })
    expect((await openModel(file)).version).toBe(b.version)
  })

  test('are refused where another model has the name of the one that serves', async () => {
    const { versions, again, file } = await modelVersions(a, 5, storage)
    await versions.adoptPublished()
    await promoteAll(versions, [b])
    await writeModel(c, versions.fileOf(b.version))
    await removeObject(file)
    await expect(again().current()).rejects.toThrow(ModelFileError)
    await expect(again().current()).rejects.toThrow(/another model than the store knows/)
  })

  test('a file that somebody puts in the place of the published one serves', async () => {
    const { versions, again, file } = await modelVersions(a, 5, storage)
    await versions.adoptPublished()
    await promoteAll(versions, [b])
    await writeModel(c, file)
    expect((await again().current()).version).toBe(c.version)
  })

  test('hold nothing of an erased customer, nor files that a killed process left', async () => {
    const { versions, again, file } = await modelVersions(a, 5, storage)
    await versions.adoptPublished()
    await promoteAll(versions, [b])
    await writeModel(c, versions.fileOf('left-behind'))
    expect(await versions.erase(customerId(3))).toBe(2)
    for (const url of [...(await objectsIn(versions.folder)), file])
      expect((await openModel(url)).customers.indexOf(customerId(3))).toBe(-1)
    expect(await objectsIn(versions.folder)).not.toContain(versions.fileOf('left-behind'))
    expect((await again().current()).customers.indexOf(customerId(3))).toBe(-1)
  })

  test('a removed object is gone, and removing it again does nothing', async () => {
    const url = `${storage}/shop.model`
    await writeModel(a, url)
    await removeObject(url)
    await removeObject(url)
    await expect(openModel(url)).rejects.toThrow('there is no such object')
  })
})

test('a candidate that was kept does not serve before it is promoted', async () => {
  const { versions, again } = await modelVersions(a, 5, storage)
  await versions.adoptPublished()
  await versions.add(b, decision)
  expect((await again().current()).version).toBe(a.version)
})
