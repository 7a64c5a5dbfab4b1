import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { openAvailability } from '../../src/store/availability-store.ts'
import { rationale, rationaleJson, type Run, start, temporaryFolder } from './program.ts'
import { smallShop, trainedModel } from './shop.ts'

const newStore = () => join(temporaryFolder(), 'store.sqlite')
const DAY = 86_400_000

/** Makes a key of scope read, and gives it and its id. */
const made = (store: string, more = '') =>
  rationaleJson(`keys create --store ${store} --name shop --scope read ${more}`)

describe('rationale keys create', () => {
  test('prints the key alone on stdout, what it is on stderr, and keeps it in a file made for it', async () => {
    const store = newStore()
    const { code, stdout, stderr } = await start([
      'keys',
      'create',
      '--store',
      store,
      '--name',
      'web shop',
      '--scope',
      'admin,read',
    ]).finished
    expect(code).toBe(0)
    expect(stdout).toMatch(/^rk_[0-9a-f]{8}_[0-9a-f]{56}\n$/)
    const id = stdout.slice(3, 11)
    expect(stderr).toBe(
      `API key ${id}, "web shop": allows read, admin; does not expire.\nIt is shown only this once:\n`,
    )
    expect(existsSync(store)).toBe(true)
  })

  test.each([
    ['30m', DAY / 48],
    ['24h', DAY],
    ['90d', 90 * DAY],
    ['2w', 14 * DAY],
  ])('makes one that works for %s', async (time, length) => {
    const { created, expires } = await made(newStore(), `--expires ${time}`)
    expect(Date.parse(expires) - Date.parse(created)).toBe(length)
  })

  test('uses the store that the environment names', async () => {
    const store = newStore()
    const { code } = await start('keys create --name shop --scope read', { STORE: store }).finished
    expect(code).toBe(0)
    expect((await rationaleJson(`keys list --store ${store}`))['keys']).toHaveLength(1)
  })
})

describe('rationale keys list', () => {
  test('tells everything of a key but itself', async () => {
    const store = newStore()
    const { key, id } = await made(store, '--expires 90d')
    const list = await rationaleJson(`keys list --store ${store}`)
    expect(list).toEqual({
      keys: [
        {
          id,
          name: 'shop',
          scopes: ['read'],
          created: expect.any(String),
          expires: expect.any(String),
          lastUsed: null,
          revoked: null,
          replacedBy: null,
        },
      ],
    })
    const { stdout } = await rationale(`keys list --store ${store}`)
    const [head, line] = stdout.split('\n')
    expect(head).toMatch(/^id +name +scopes +created +last used +expires +state$/)
    const time = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC'
    expect(line).toMatch(new RegExp(`^${id} +shop +read +${time} +never +${time} +good$`))
    expect(stdout).not.toContain(key.slice(12, 40))
  })

  test('says what became of keys', async () => {
    const store = newStore()
    const [kept, revoked, replaced, expired] = [
      await made(store),
      await made(store),
      await made(store),
      await made(store, '--expires 0m'),
    ]
    await rationale(`keys revoke ${revoked['id']} --store ${store}`)
    const { id: fresh } = await rationaleJson(`keys rotate ${replaced['id']} --store ${store}`)
    const { stdout } = await rationale(`keys list --store ${store}`)
    const stateOf = ({ id }: Record<string, any>) => new RegExp(`^${id} .*  (\\S.*)$`, 'm').exec(stdout)?.[1]
    expect([kept, revoked, replaced, expired, { id: fresh }].map(stateOf)).toEqual([
      'good',
      expect.stringMatching(/^revoked 2/),
      `good, replaced by ${fresh}`,
      'expired',
      'good',
    ])
  })
})

describe('rationale keys rotate', () => {
  test('makes a key of the same name and scopes, and has the old one end after 24 hours', async () => {
    const store = newStore()
    const old = await made(store)
    const { code, stdout } = await rationale(`keys rotate ${old['id']} --store ${store}`)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^rk_[0-9a-f]{8}_[0-9a-f]{56}\n$/)
    const { keys } = await rationaleJson(`keys list --store ${store}`)
    const [before, after] = [...keys].sort((one) => (one.id === old['id'] ? -1 : 1))
    expect(after).toMatchObject({ id: stdout.slice(3, 11), name: 'shop', scopes: ['read'], expires: null })
    expect(Date.parse(before.expires) - Date.parse(after.created)).toBe(DAY)
  })
})

describe('wrong usage exits with 2 and says what is wrong', () => {
  const create = 'keys create --store s --name n'
  test.each([
    ['keys', /Usage: rationale keys/],
    [create, /--scope <scopes>' not specified/],
    ['keys create --store s --scope read', /--name <text>' not specified/],
    [
      `${create} --scope read,wriet,amdin`,
      /Unknown scope "wriet", "amdin": the scopes are catalog, read, write, admin, sign\./,
    ],
    [`${create} --scope read --expires tomorrow`, /minutes, hours, days or weeks.*30m, 24h, 90d, 2w/],
    [`${create} --scope read --expires 90000w`, /up to a century/],
    ['keys create --store s --scope read --name \u0007', /a name of 1 to 100 characters/],
    ['keys revoke --store s', /missing required argument 'ids'/],
  ])('rationale %s', async (line, message) => {
    const { code, stdout, stderr } = await rationale(line)
    expect(stderr).toMatch(message)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })
})

describe('failures exit with 1 and say what to do', () => {
  test('without a store', async () => {
    const { code, stderr } = await start('keys list', { STORE: '' }).finished
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: no store named: use --store or \$STORE/)
  })

  test.each(['list', 'revoke 0', 'rotate 0'])(
    'with a store that is not there: %s makes none',
    async (command) => {
      const store = newStore()
      const { code, stderr } = await rationale(`keys ${command} --store ${store}`)
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `error: there is no store ${store}: \`rationale keys create\` creates one\n`,
      })
      expect(existsSync(store)).toBe(false)
    },
  )

  test('in a folder that is not there', async () => {
    const { code, stderr } = await rationale('keys create --name n --scope read --store no/such/store')
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^error: cannot write no\/such\/store: there is no folder .*no\/such: make it, or check the path\n$/,
    )
  })

  test('with a file that is no store', async () => {
    const file = newStore()
    writeFileSync(file, 'id,name\n'.repeat(100))
    for (const command of ['list', 'create --name n --scope read']) {
      const { code, stderr } = await rationale(`keys ${command} --store ${file}`)
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `error: cannot use the store ${file}: file is not a database\n`,
      })
    }
  })

  const isRoot = process.getuid?.() === 0
  if (isRoot) console.warn('SKIPPED: a read-only store, because root may write everywhere.')
  const skipped = isRoot ? ' (SKIPPED: root may write everywhere)' : ''
  test.skipIf(isRoot)(`with a store that may not be written to${skipped}`, async () => {
    const store = newStore()
    await made(store)
    chmodSync(store, 0o444)
    const { code, stderr } = await rationale(`keys create --name n --scope read --store ${store}`)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: cannot use the store .*readonly database\n$/)
  })

  test('with ids that are not there: all are named, and nothing is changed', async () => {
    const store = newStore()
    const { id } = await made(store)
    const { code, stderr } = await rationale(`keys revoke nobody ${id} nothing --store ${store}`)
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'error: There is no API key "nobody", "nothing".\n' })
    expect(await rationaleJson(`keys list --store ${store}`)).toMatchObject({ keys: [{ id, revoked: null }] })
  })
})

describe('a key that signs', () => {
  test('is printed this once, as a JSON Web Key, and listed as what it is', async () => {
    const store = newStore()
    const { code, stdout, stderr } = await rationale(
      `keys create --store ${store} --name sign-in --scope sign`,
    )
    expect(code).toBe(0)
    const jwk = JSON.parse(stdout)
    expect(jwk).toMatchObject({
      kty: 'OKP',
      crv: 'Ed25519',
      alg: 'EdDSA',
      kid: expect.stringMatching(/^[0-9a-f]{8}$/),
    })
    expect(stderr).toContain(`API key ${jwk.kid}, "sign-in": allows sign; does not expire.`)
    expect(JSON.stringify(await rationaleJson(`keys list --store ${store}`))).not.toContain(jwk.d)
  })

  test('is made for nothing beside', async () => {
    const { code, stderr } = await rationale(
      `keys create --store ${newStore()} --name both --scope sign,read`,
    )
    expect(code).toBe(1)
    expect(stderr).toContain('create it without other scopes')
  })
})

describe('rationale audit', () => {
  test('says who did what to keys, and when', async () => {
    const store = newStore()
    const { id } = await made(store)
    await rationale(`keys revoke ${id} --store ${store}`)
    const { entries } = await rationaleJson(`audit --store ${store}`)
    expect(entries.map(({ kind, action }: any) => `${kind} ${action}`)).toEqual([
      'keys revoke',
      'keys create',
    ])
    expect(entries[0]).toMatchObject({ actor: expect.stringMatching(/^command line of /), subject: id })
    const { stdout } = await rationale(`audit --store ${store} --last 1`)
    expect(stdout).toMatch(
      /^when +who +what +of what\n\d{4}-\d\d-\d\d \d\d:\d\d UTC +command line of .+ +keys revoke +/,
    )
    expect(stdout.trimEnd().split('\n')).toHaveLength(2)
  })

  test('prints nothing that a terminal would obey', async () => {
    const store = newStore()
    const availability = await openAvailability(store)
    await availability.set([{ sku: 'mug\u001b[2J\u009b31m\u202e', hidden: true }], 'key \u001b]0;x\u0007')
    await availability.close()
    const { stdout } = await rationale(`audit --store ${store}`)
    expect(stdout).toContain('key \\u001b]0;x\\u0007')
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{C}/u)
  })

  test.each([
    ['audit', 'no store named'],
    ['audit --store none.sqlite', 'there is no store none.sqlite'],
    ['audit --store none.sqlite --last 0', 'whole number'],
  ])('rationale %s is refused', async (line, why) => {
    const { code, stderr } = await start(line, { STORE: '' }).finished
    expect(code).not.toBe(0)
    expect(stderr).toContain(why)
  })
})

describe('a running server', () => {
  let model: string
  beforeAll(async () => {
    model = await trainedModel(await smallShop())
  })

  test('takes keys made, rotated and taken back beside it, in the file beside its model', async () => {
    const run = start(`serve --model ${model} --port 0 --require-keys`)
    expect(await ask(run)).toBe(401)
    const store = `${model}.sqlite`
    expect(existsSync(store)).toBe(false)
    const { key, id } = await made(store)
    expect(await ask(run, key)).toBe(200)
    const fresh = await rationaleJson(`keys rotate ${id} --store ${store} --overlap 0m`)
    expect([await ask(run, key), await ask(run, fresh['key'])]).toEqual([401, 200])
    await rationale(`keys revoke ${fresh['id']} --store ${store}`)
    expect(await ask(run, fresh['key'])).toBe(401)
    const { keys } = await rationaleJson(`keys list --store ${store}`)
    expect(keys.map(({ lastUsed }: { lastUsed: string }) => typeof lastUsed)).toEqual(['string', 'string'])
    const said = await stop(run)
    expect(said).toContain(`API keys and the availability of products are kept in ${store}\n`)
    expect(said).toContain(`rationale keys create --store ${store} --name "web shop" --scope read\n`)
  })

  test('asks for a key on another host, and says nothing of it where it has some', async () => {
    const store = newStore()
    const { key } = await made(store)
    const run = start(`serve --model ${model} --store ${store} --port 0 --host 0.0.0.0`)
    expect([await ask(run), await ask(run, key)]).toEqual([401, 200])
    expect(await stop(run)).not.toContain('keys create')
  })

  test('lets anybody in where that is asked for, and says so', async () => {
    const run = start(`serve --model ${model} --port 0 --host 0.0.0.0 --insecure`)
    expect(await ask(run)).toBe(200)
    expect(await stop(run)).toContain('--insecure: anyone who reaches 0.0.0.0 may do everything\n')
  })

  test('does not start where nobody could ever get a key', async () => {
    const { code, stderr } = await start('serve --port 0 --host 0.0.0.0', { STORE: '' }).finished
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: a server on 0\.0\.0\.0 needs API keys, and there is no store for them/)
  })

  test('cannot be both open and closed', async () => {
    const { code, stderr } = await rationale('serve --insecure --require-keys')
    expect(code).toBe(2)
    expect(stderr).toMatch(/'--insecure' cannot be used with option '--require-keys'/)
  })

  test('does not start with a store that is none', async () => {
    const { code, stderr } = await rationale(`serve --model ${model} --store ${model} --port 0`)
    expect(code).toBe(1)
    expect(stderr).toBe(`error: cannot use the store ${model}: file is not a database\n`)
  })

  test('answers trusted documents alone, and names those that it cannot before it reads a model', async () => {
    const documents = join(temporaryFolder(), 'persisted-documents.json')
    writeFileSync(documents, JSON.stringify({ 'sha256:1': '{ modelInfo { version } }' }))
    const run = start(`serve --model ${model} --port 0 --trusted-documents ${documents}`)
    expect(await ask(run)).toBe(200)
    expect(await stop(run)).toContain(
      `Only trusted documents are answered: the 1 in ${documents}. GraphiQL is not served\n`,
    )
    writeFileSync(documents, JSON.stringify({ a: '{ nobody }', b: '{ nothing }' }))
    const { code, stderr } = await rationale(`serve --model none --port 0 --trusted-documents ${documents}`)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^error: .* holds invalid documents:\n {2}a: .*"nobody".*\n {2}b: .*"nothing".*\n$/,
    )
  })
})

/** The status that a server answers a query with. */
async function ask(run: Run, key?: string): Promise<number> {
  const url = (await run.printed('/graphql\n')).trim()
  const headers = { 'Content-Type': 'application/json', ...(key && { Authorization: `Bearer ${key}` }) }
  const body = JSON.stringify({ query: '{ modelInfo { version } }' })
  return (await fetch(url, { method: 'POST', headers, body })).status
}

/** Ends a server as Ctrl-C does, and gives what it said. */
async function stop(run: Run): Promise<string> {
  run.process.kill('SIGINT')
  const { code, stderr } = await run.finished
  expect(code).toBe(0)
  return stderr
}
