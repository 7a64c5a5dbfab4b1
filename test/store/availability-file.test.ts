import { once } from 'node:events'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { openAvailability } from '../../src/store/availability-store.ts'
import { type ChildOptions, startChild } from '../child-process.ts'
import { temporaryFile } from '../explanations/writer.ts'

const AVAILABLE = { hidden: false, inStock: true, validFrom: null, validUntil: null }

test('a file is made with the first change, and its folder with it', async () => {
  const file = `${temporaryFile('folder')}/within/availability.sqlite`
  const availability = await openAvailability(file)
  expect(availability.get('mug')).toEqual(AVAILABLE)
  await availability.set([])
  expect(existsSync(file)).toBe(false)
  await availability.set([{ sku: 'mug', hidden: true }])
  expect(existsSync(file)).toBe(true)
  expect(availability.get('mug').hidden).toBe(true)
  await availability.close()
})

test('a file that is no database is a clear error when it is opened', async () => {
  const file = temporaryFile('availability.sqlite')
  writeFileSync(file, 'These are not the bytes of a database. '.repeat(100))
  await expect(openAvailability(file)).rejects.toThrow(
    `Availability cannot be stored in ${file}: file is not a database.`,
  )
})

test('a file whose folder cannot be made is a clear error, and nothing is set', async () => {
  const file = `${import.meta.filename}/availability.sqlite`
  const availability = await openAvailability(file)
  await expect(availability.set([{ sku: 'mug', hidden: true }])).rejects.toThrow(
    `Availability was not changed: ${file} cannot be written (`,
  )
  expect(availability.get('mug')).toEqual(AVAILABLE)
  await availability.close()
})

const storeModule = JSON.stringify(new URL('../../src/store/availability-store.ts', import.meta.url).href)

/** A process of its own that runs `script` with the availability kept in `file`. */
function child(file: string, script: string, options: Pick<ChildOptions, 'limits' | 'uid'> = {}) {
  const program = `
    import { openAvailability } from ${storeModule}
    const attempt = async (run) => { try { await run(); return 'done' } catch (error) { return error.message } }
    const availability = await openAvailability(${JSON.stringify(file)})
    ${script}`
  return startChild(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  })
}

async function printedBy(process: ReturnType<typeof child>): Promise<string> {
  let printed = ''
  process.stdout!.on('data', (text) => (printed += text))
  await once(process, 'close')
  return printed
}

const onUnix = test.skipIf(process.platform === 'win32')

onUnix('what another process sets counts soon, without a question', async () => {
  const file = temporaryFile('availability.sqlite')
  const availability = await openAvailability(file)
  await availability.set([{ sku: 'mug', inStock: false }])
  const { version } = availability
  const script = "await availability.set([{ sku: 'mug', hidden: true }, { sku: 'cup', hidden: true }])"
  await printedBy(child(file, script))
  await expect.poll(() => availability.get('mug')).toEqual({ ...AVAILABLE, hidden: true, inStock: false })
  expect(availability.get('cup').hidden).toBe(true)
  expect(availability.version).toBeGreaterThan(version)
  await availability.close()
})

onUnix(
  'a process killed in the middle of writing loses nothing of what it had set, and leaves no half',
  async () => {
    const file = temporaryFile('availability.sqlite')
    const writing = child(
      file,
      `for (let n = 0; n < 1_000_000; n++) {
       await availability.set([{ sku: 'mug', validFrom: n }, { sku: 'cup', validFrom: n }, { sku: 'n' + n, hidden: true }])
       // A turn for each, so that what a full pipe did not take is written before the next.
       await new Promise((written) => process.stdout.write(n + '\\n', written))
     }`,
    )
    let printed = ''
    writing.stdout!.on('data', (text) => (printed += text))
    while (printed.length < 2000) await once(writing.stdout!, 'data')
    writing.kill('SIGKILL')
    await once(writing, 'close')
    const kept = printed.slice(0, printed.lastIndexOf('\n')).split('\n').map(Number)
    const availability = await openAvailability(file)
    expect(kept.length).toBeGreaterThan(100)
    expect(kept.filter((n) => !availability.get(`n${n}`).hidden)).toEqual([])
    expect(availability.get('mug')).toEqual(availability.get('cup'))
    expect(availability.get('mug').validFrom).toBeGreaterThanOrEqual(kept.at(-1)!)
    await availability.close()
  },
)

onUnix('a full disk is a clear error, and nothing of the call is set', async () => {
  // A limit on the size of files stands for the disk: writing past it fails in the same way.
  const limits = 'trap "" XFSZ; ulimit -f 512'
  const script = `
    await availability.set([{ sku: 'mug', inStock: false }])
    const many = Array.from({ length: 20000 }, (_, n) => ({ sku: 'a long id of product ' + n, hidden: true }))
    console.log(await attempt(() => availability.set([{ sku: 'mug', hidden: true }, ...many])))
    console.log(JSON.stringify([...availability.entries()]))
    console.log(await attempt(() => availability.set([{ sku: 'mug', validUntil: 1 }])))
    console.log(JSON.stringify(availability.get('mug')))`
  const file = temporaryFile('availability.sqlite')
  const [error, entries, afterwards, mug] = (await printedBy(child(file, script, { limits }))).split('\n')
  expect(error).toMatch(/^Availability was not changed: .*availability\.sqlite cannot be written \(.+\)\.$/)
  expect(JSON.parse(entries)).toEqual([['mug', { ...AVAILABLE, inStock: false }]])
  expect(afterwards).toBe('done')
  expect(JSON.parse(mug)).toEqual({ ...AVAILABLE, inStock: false, validUntil: 1 })
})

onUnix('a file that may only be read is read, and a change is a clear error', async () => {
  const file = temporaryFile('availability.sqlite')
  const availability = await openAvailability(file)
  await availability.set([{ sku: 'mug', hidden: true }])
  await availability.close()
  chmodSync(file, 0o444)
  const folders = [dirname(file), dirname(dirname(file))]
  for (const folder of folders) chmodSync(folder, 0o555)
  const program = `
    import { openAvailability } from ${storeModule}
    const availability = await openAvailability(${JSON.stringify(file)})
    console.log(availability.get('mug').hidden)
    try { await availability.set([{ sku: 'mug', hidden: false }]) } catch (error) { console.log(error.message) }
    console.log(availability.get('mug').hidden)`
  // The superuser may write to anything: then it is somebody else who tries.
  const user = process.getuid?.() === 0 ? { uid: 65534 } : {}
  const reading = startChild(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...user,
  })
  const printed = await printedBy(reading)
  for (const folder of folders) chmodSync(folder, 0o755)
  expect(printed).toBe(
    `true\nAvailability was not changed: ${file} cannot be written (attempt to write a readonly database).\ntrue\n`,
  )
})

onUnix('another process that never ends its writing is a clear error, and nothing is set', async () => {
  const file = temporaryFile('availability.sqlite')
  const availability = await openAvailability(file)
  await availability.set([{ sku: 'mug', inStock: false }])
  const script = `
    import('node:sqlite').then(({ DatabaseSync }) => {
      globalThis.other = new DatabaseSync(${JSON.stringify(file)})
      other.exec('BEGIN IMMEDIATE')
      console.log('locked')
      setTimeout(() => {}, 600_000)
    })`
  const locking = child(file, script)
  await once(locking.stdout!, 'data')
  await expect(availability.set([{ sku: 'mug', hidden: true }])).rejects.toThrow(
    /^Availability was not changed: .* \(database is locked\)\.$/,
  )
  expect(availability.get('mug')).toEqual({ ...AVAILABLE, inStock: false })
  locking.kill()
  await once(locking, 'close')
  await availability.set([{ sku: 'mug', hidden: true }])
  expect(availability.get('mug').hidden).toBe(true)
  await availability.close()
})
