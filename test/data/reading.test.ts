import { createHash } from 'node:crypto'
import { chmod, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DataError } from '../../src/data/data-error.ts'
import { type ReadOptions, type ReadProgress, Reading } from '../../src/data/reading.ts'
import { openTables } from '../../src/data/table.ts'
import { failureOf, folderOf } from './folders.ts'

interface Line {
  readonly line: number
  readonly id: string
  readonly note: string
}

/** Reads the columns id and note of one file; ids must not be blank, notes not be bad. */
async function read(content: string | Uint8Array, options: ReadOptions = {}): Promise<Line[]> {
  const folder = await folderOf({ 'notes.csv': content })
  const reading = new Reading(options)
  return readWith(reading, folder)
}

async function readWith(reading: Reading, folder: string): Promise<Line[]> {
  const { notes } = await openTables(folder, {
    notes: { file: 'notes.csv', required: ['id'], optional: ['note'] },
  })
  reading.expect({ notes })
  const lines: Line[] = []
  await reading.rows(notes, (row) => {
    const id = row.id('id')
    if (row.text('note') === 'bad') throw row.bad('note', 'is bad: write good')
    lines.push({ line: row.line, id, note: row.text('note') })
  })
  return lines
}

describe('Rows are read', () => {
  const expected = [
    { line: 2, id: '1', note: 'a' },
    { line: 3, id: '2', note: 'b' },
  ]

  test.each([
    ['with LF', 'id,note\n1,a\n2,b\n'],
    ['with CRLF', 'id,note\r\n1,a\r\n2,b\r\n'],
    ['with both', 'id,note\n1,a\r\n2,b\n'],
    ['without a last line end', 'id,note\n1,a\n2,b'],
    ['with a byte-order mark', '\uFEFFid,note\n1,a\n2,b\n'],
    ['with a byte-order mark before a quote', '\uFEFF"id","note"\n1,a\n2,b\n'],
    ['in quotes', '"id","note"\n"1","a"\n"2","b"\n'],
    ['with other columns around them', 'x,note,y,id\n9,a,9,1\n9,b,9,2\n'],
  ])('%s', async (_, content) => {
    expect(await read(content)).toEqual(expected)
  })

  test('with the line that an editor shows, after quoted line ends and blank lines', async () => {
    const lines = ['id,"a\r\nnote",note', '1,,"a\r\n\r\nb"', '2,,"c\nd"', '', '3,,e']
    expect((await read(lines.join('\r\n'))).map(({ line, id }) => `${id} on ${line}`)).toEqual([
      '1 on 3',
      '2 on 6',
      '3 on 9',
    ])
  })

  test('with quotes, commas and line ends inside quotes, and quotes inside a word', async () => {
    expect(await read('id,note\n1,"say ""a"",\nb"\n2,12" pipe\n')).toEqual([
      { line: 2, id: '1', note: 'say "a",\nb' },
      { line: 4, id: '2', note: '12" pipe' },
    ])
  })

  test('with nothing for an optional column that the file lacks', async () => {
    expect(await read('id\n1\n')).toEqual([{ line: 2, id: '1', note: '' }])
  })

  test('when there are none: only a header', async () => {
    expect(await read('id,note\n')).toEqual([])
  })

  test('when they are many, plain and quoted', async () => {
    const count = 60_000
    const content = Array.from({ length: count }, (_, i) =>
      i < count / 2 ? `${i},n${i}` : `"${i}","n\n${i}"`,
    )
    const lines = await read(`id,note\n${content.join('\n')}\n`)
    expect(lines.length).toBe(count)
    expect(lines[40_000]).toEqual({ line: 2 + 30_000 + 20_000, id: '40000', note: 'n\n40000' })
  })
})

describe('A bad row is an error that names the place', () => {
  test.each([
    ['blank id', 'id,note\n1,a\n ,b\n', 3, 'id', ' ', 'is blank'],
    ['bad value', 'id,note\r\n1,"a\r\nb"\r\n2,bad\r\n', 4, 'note', 'bad', 'is bad: write good'],
    ['too few fields', 'id,note\n1,a\n2\n', 3, undefined, undefined, 'the row has 1 instead of 2 fields'],
    ['too many fields', 'id,note\n1,a,b\n', 2, undefined, undefined, 'the row has 3 instead of 2 fields'],
  ])('%s', async (_, content, line, column, value, problem) => {
    const error = await failureOf(read(content))
    expect(error).toBeInstanceOf(DataError)
    expect(error).toMatchObject({ line, column, value })
    expect(error.message).toContain(`notes.csv, line ${line}`)
    expect(error.message).toContain(problem)
  })

  test('bytes that are not UTF-8', async () => {
    const error = await failureOf(read(Buffer.from('id,note\n1,caf\xe9\n', 'latin1')))
    expect(error.message).toMatch(/notes\.csv, line 2, column note: "caf\uFFFD" is not UTF-8/)
  })

  test('a quote that is never closed, with the line where its row begins, even when reading leniently', async () => {
    const lines = Array.from({ length: 9000 }, (_, i) => `${i},"n"`)
    const content = ['id,note', ...lines, '1,"open', ...lines.map(() => '1,a')].join('\n')
    for (const lenient of [false, true]) {
      const error = await failureOf(read(content, { lenient }))
      expect(error).toBeInstanceOf(DataError)
      expect(error.line).toBe(9002)
      expect(error.message).toContain('the row that begins here opens a quote (") that is never closed')
    }
  })

  test('a row without end, before it fills the memory', async () => {
    const error = await failureOf(read(`id,note\n1,"${'x'.repeat(3 * 2 ** 20)}`))
    expect(error).toMatchObject({ name: 'DataError', line: 2 })
    const plain = await failureOf(read(`id,note\n1,${'x'.repeat(3 * 2 ** 20)}`))
    expect(plain).toMatchObject({ name: 'DataError', line: 2 })
  })
})

describe('A file that cannot be read is an error that says so:', () => {
  test.each([
    ['no bytes', '', 'notes.csv: is empty: it needs a header line with id'],
    [
      'no such column',
      'note,x\n',
      'notes.csv, line 1: lacks id: add or rename columns; its header names "note", "x"',
    ],
    ['a column twice', 'id,note,id\n', 'notes.csv, line 1, column id: appears twice in the header'],
    [
      'UTF-16',
      Buffer.from('\uFEFFid,note\n', 'utf16le'),
      'notes.csv: is UTF-16: save it in the encoding UTF-8',
    ],
    ['an open quote in the header', '"id,note\n', 'notes.csv, line 1: has no header that can be read'],
  ])('%s', async (_, content, message) => {
    const error = await failureOf(read(content))
    expect(error).toBeInstanceOf(DataError)
    expect(error.message).toContain(message)
  })

  test('no such file, a folder, no permission, missing columns: all in one', async () => {
    const folder = await folderOf({ 'b.csv': 'x\n', 'c.csv': 'id\n', 'd.csv': 'id\n' })
    await chmod(join(folder, 'd.csv'), 0)
    const column = { required: ['id'], optional: [] }
    const error = await failureOf(
      openTables(folder, {
        a: { file: 'a.csv', ...column },
        b: { file: 'b.csv', required: ['id', 'name'], optional: [] },
        c: { file: 'c.csv', ...column },
        d: { file: 'd.csv', ...column },
        e: { file: '.', ...column },
        f: { file: 'f.csv', ...column, mayBeMissing: true },
      }),
    )
    expect(error).toBeInstanceOf(DataError)
    expect(error.message).toContain('a.csv: does not exist')
    expect(error.message).toContain('b.csv, line 1: lacks id, name')
    expect(error.message).toContain('is not a file')
    expect(error.message).not.toMatch(/[cf]\.csv/)
    // The superuser may read everything.
    if (process.getuid?.() !== 0) expect(error.message).toContain('d.csv: may not be opened')
  })
})

describe('Reading leniently', () => {
  const content = 'id,note\n1,a\n,b\n2,bad\n3,"c\n""d"" "\n4,x,"y,z"\n5\n6,e\n'

  test('sets bad rows aside, whole, and reads the others', async () => {
    const folder = await folderOf({ 'notes.csv': content })
    const quarantineFile = join(folder, 'aside.csv')
    const reading = new Reading({ lenient: true, quarantineFile })
    const lines = await readWith(reading, folder)
    expect(lines.map(({ id }) => id)).toEqual(['1', '3', '6'])
    expect((await reading.finish()).quarantined).toBe(4)
    const file = join(folder, 'notes.csv')
    const rows: unknown[] = []
    const { aside } = await openTables(folder, {
      aside: {
        file: 'aside.csv',
        required: ['file', 'line', 'column', 'value', 'problem', 'row'],
        optional: [],
      },
    })
    await new Reading({}).rows(aside, (row) => rows.push(row.fields))
    expect(rows).toEqual([
      [file, '3', 'id', '', 'is blank: every row needs one', ',b'],
      [file, '4', 'note', 'bad', 'is bad: write good', '2,bad'],
      [file, '7', '', '', expect.stringContaining('has 3 instead of 2 fields'), '4,x,"y,z"'],
      [file, '8', '', '', expect.stringContaining('has 1 instead of 2 fields'), '5'],
    ])
  })

  test('makes no file where no row is bad', async () => {
    const folder = await folderOf({ 'notes.csv': 'id,note\n1,a\n' })
    const reading = new Reading({ lenient: true, quarantineFile: join(folder, 'aside.csv') })
    await readWith(reading, folder)
    expect((await reading.finish()).quarantined).toBe(0)
    expect(await readdir(folder)).toEqual(['notes.csv'])
  })

  test('leaves nothing behind when it fails after all, however much had been set aside', async () => {
    const folder = await folderOf({ 'notes.csv': `id,note\n${',x\n'.repeat(9000)}"` })
    const reading = new Reading({ lenient: true, quarantineFile: join(folder, 'aside.csv') })
    await failureOf(readWith(reading, folder))
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^\.aside\.csv\..*\.tmp$/), 'notes.csv'])
    reading.discard()
    expect(await readdir(folder)).toEqual(['notes.csv'])
  })

  test('says so when the bad rows cannot be set aside', async () => {
    const folder = await folderOf({ 'notes.csv': 'id,note\n,\n' })
    const reading = new Reading({ lenient: true, quarantineFile: join(folder, 'no', 'aside.csv') })
    await readWith(reading, folder)
    await expect(reading.finish()).rejects.toThrow(/aside\.csv: cannot be written with the bad rows/)
  })
})

function fail(): never {
  throw new TypeError('a bug')
}

describe('Meanwhile', () => {
  test('the fingerprint is the SHA-256 of names, sizes and bytes', async () => {
    const content = 'id,note\n1,"é"\n'
    const folder = await folderOf({ 'notes.csv': content })
    const reading = new Reading({})
    await readWith(reading, folder)
    const bytes = Buffer.from(content)
    const hash = createHash('sha256').update(`notes.csv\0${bytes.length}\0`).update(bytes)
    expect((await reading.finish()).fingerprint).toBe(hash.digest('hex'))
  })

  test('progress rises to all bytes and rows', async () => {
    const seen: ReadProgress[] = []
    const content = `id,note\n${'1,a\n'.repeat(200_000)}1,b`
    await read(content, { onProgress: (progress) => seen.push(progress) })
    expect(seen.length).toBeGreaterThan(3)
    expect(seen.at(-1)).toMatchObject({
      bytesRead: content.length,
      bytesTotal: content.length,
      rows: 200_001,
    })
    const sorted = seen.toSorted((a, b) => a.bytesRead - b.bytesRead || a.rows - b.rows)
    expect(seen).toEqual(sorted)
  })

  test('an abort ends it, between two pieces of the file', async () => {
    const abort = new AbortController()
    const content = `id,note\n${'1,a\n'.repeat(1_000_000)}`
    let last = 0
    const onProgress = ({ bytesRead }: ReadProgress) => {
      last = bytesRead
      abort.abort(new Error('enough'))
    }
    await expect(read(content, { signal: abort.signal, onProgress })).rejects.toThrow('enough')
    expect(last).toBeLessThan(content.length / 2)
  })

  test('an abort that came before ends it at once', async () => {
    await expect(read('id\n1\n', { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    )
  })

  test('an error of the visitor that is no DataError is passed on, even when reading leniently', async () => {
    for (const content of ['id\n1\n', '"id"\n1\n']) {
      const folder = await folderOf({ 'notes.csv': content })
      const { notes } = await openTables(folder, {
        notes: { file: 'notes.csv', required: ['id'], optional: [] },
      })
      const reading = new Reading({ lenient: true })
      await expect(reading.rows(notes, fail)).rejects.toThrow(TypeError)
    }
  })

  test('a file that vanishes is an error that names it', async () => {
    const folder = await folderOf({ 'notes.csv': 'id\n' })
    const { notes } = await openTables(folder, {
      notes: { file: 'notes.csv', required: ['id'], optional: [] },
    })
    const gone = { ...notes, path: join(folder, 'gone.csv') }
    await expect(new Reading({}).rows(gone, () => {})).rejects.toThrow('gone.csv: does not exist')
    await writeFile(gone.path, 'id\n')
    await new Reading({}).rows(gone, () => {})
  })
})
