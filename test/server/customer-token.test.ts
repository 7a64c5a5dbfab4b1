import { createHmac, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { base64url, importJWK, SignJWT } from 'jose'
import { pino } from 'pino'
import { afterAll, describe, expect, test } from 'vitest'
import { startServer } from '../../src/server/server.ts'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { customerId, smallRecommender } from '../api/shop.ts'
import { startChild } from '../child-process.ts'
import { temporaryFile } from '../explanations/writer.ts'

const recommender = await smallRecommender()
const file = temporaryFile('store.sqlite')
/** The keys as the server has them open, and as another process would. */
const [apiKeys, otherKeys] = [new ApiKeyStore(file), new ApiKeyStore(file)]
const server = await startServer({
  recommender,
  apiKeys,
  host: '127.0.0.1',
  port: 0,
  production: true,
  logger: pino({ level: 'silent' }),
})
afterAll(async () => {
  await server.close()
  recommender.close()
  await apiKeys.close()
  await otherKeys.close()
})

const signing = await otherKeys.create('web shop', ['sign'], null)
const now = () => Math.floor(Date.now() / 1000)

interface Token {
  readonly key?: string
  readonly claims?: Record<string, unknown>
  readonly header?: Record<string, unknown>
}

/** A token as a shop's server signs it, in the words of the library; what is said otherwise is otherwise. */
async function token({ key = signing.key, claims = {}, header = {} }: Token = {}): Promise<string> {
  const jwk = JSON.parse(key)
  const all = { sub: customerId(1), aud: 'rationale', iat: now(), exp: now() + 600, ...claims }
  return new SignJWT(all)
    .setProtectedHeader({ alg: 'EdDSA', kid: jwk.kid, ...header })
    .sign(await importJWK(jwk, 'EdDSA'))
}

async function ask(bearer: string, query = '{ viewer { externalId } }') {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ query }),
  })
  const { data, errors } = (await response.json()) as any
  return {
    status: response.status,
    data,
    error: errors?.[0],
    challenge: response.headers.get('www-authenticate'),
  }
}

/** Refused by 401, in words that say why, and name nobody. */
async function expectRefused(bearer: string, why: RegExp) {
  const { status, data, error, challenge } = await ask(bearer)
  expect({ status, data }).toEqual({ status: 401, data: undefined })
  expect(error.extensions.code).toBe('UNAUTHENTICATED')
  expect(error.message).toMatch(why)
  expect(error.message).not.toContain(customerId(1))
  expect(challenge).toBe('Bearer error="invalid_token"')
}

describe('a customer token', () => {
  test('asks as its customer', async () => {
    expect(await ask(await token())).toMatchObject({
      status: 200,
      data: { viewer: { externalId: customerId(1) } },
    })
  })

  test('of an unknown customer is accepted, and `viewer` is null', async () => {
    expect(await ask(await token({ claims: { sub: 'new-here' } }))).toMatchObject({
      status: 200,
      data: { viewer: null },
      error: undefined,
    })
  })

  test('may have the newer name of its algorithm', async () => {
    const jwk = JSON.parse(signing.key)
    const bearer = await new SignJWT({ sub: customerId(1), aud: 'rationale', iat: now(), exp: now() + 60 })
      .setProtectedHeader({ alg: 'Ed25519', kid: jwk.kid })
      .sign(await importJWK(jwk, 'Ed25519'))
    expect((await ask(bearer)).status).toBe(200)
  })

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['that has expired', { iat: now() - 3000, exp: now() - 60 }, /it has expired/],
    ['without an end', { exp: undefined }, /"exp"/],
    ['whose end is no number', { exp: 'tomorrow' }, /damaged|"exp"/],
    ['that does not say when it was made', { iat: undefined }, /"iat"/],
    ['that is not good yet', { nbf: now() + 3600 }, /"nbf"/],
    ['of the future', { iat: now() + 1800, exp: now() + 3000 }, /"iat"/],
    ['that lives too long', { exp: now() + 7200 }, /valid for 7\d\d\d seconds.*at most 3600/],
    ['that was made too long ago for its life', { iat: now() - 3700, exp: now() + 60 }, /expired|lives/],
    ['of nobody', { sub: undefined }, /"sub"/],
    ['of an empty name', { sub: '' }, /"sub"/],
    ['of several customers', { sub: [customerId(1), customerId(2)] }, /"sub"|damaged/],
    ['of too long a name', { sub: 'c'.repeat(501) }, /"sub"/],
    ['for no server', { aud: undefined }, /has to be for "rationale"|"aud"/],
    ['for another shop', { aud: 'shop-b' }, /has to be for "rationale"/],
  ])('%s is refused', async (_what, claims, why) => {
    await expectRefused(await token({ claims }), why)
  })

  test('may be off by half a minute, since clocks are', async () => {
    for (const claims of [
      { iat: now() - 300, exp: now() - 20 },
      { iat: now() + 20, exp: now() + 300 },
      { nbf: now() + 20 },
    ]) {
      expect((await ask(await token({ claims }))).status).toBe(200)
    }
  })

  test('may be for several servers, if this is one of them', async () => {
    expect((await ask(await token({ claims: { aud: ['shop-b', 'rationale'] } }))).status).toBe(200)
  })
})

const parts = (header: object, body: object) =>
  [header, body].map((part) => base64url.encode(JSON.stringify(part))).join('.')
const claims = () => ({ sub: customerId(1), aud: 'rationale', iat: now(), exp: now() + 600 })

describe('what was not signed by a key of this store', () => {
  const { kid, x } = JSON.parse(signing.key)

  test('is rejected if it says that it is not signed', async () => {
    for (const alg of ['none', 'None', 'NONE', '']) {
      await expectRefused(`${parts({ alg, kid }, claims())}.`, /not accepted/)
    }
  })

  test('is rejected if the public key was used as a secret', async () => {
    const publicKey = Buffer.from(x, 'base64url')
    const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]).toString('base64')}\n-----END PUBLIC KEY-----\n`
    for (const secret of [publicKey, x, pem, JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x })]) {
      const body = parts({ alg: 'HS256', kid }, claims())
      const signature = createHmac('sha256', secret).update(body).digest('base64url')
      await expectRefused(`${body}.${signature}`, /signed with EdDSA/)
    }
  })

  test('is refused of another key under the same name, brought along or not', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const jwk = publicKey.export({ format: 'jwk' })
    for (const header of [{}, { jwk }, { jku: 'http://127.0.0.1:1/keys' }, { x5u: 'http://127.0.0.1:1/x' }]) {
      const forged = await new SignJWT(claims())
        .setProtectedHeader({ alg: 'EdDSA', kid, ...header } as never)
        .sign(privateKey)
      await expectRefused(forged, /its signature is wrong/)
    }
  })

  test('is rejected if anything in it was changed', async () => {
    const [header, body, signature] = (await token()).split('.')
    const other = base64url.encode(JSON.stringify({ ...claims(), sub: customerId(2) }))
    await expectRefused(`${header}.${other}.${signature}`, /its signature is wrong/)
    await expectRefused(`${header}.${body}.${'A'.repeat(86)}`, /its signature is wrong/)
    await expectRefused(`${header}.${body}.`, /not accepted/)
    await expectRefused(`${header}..${signature}`, /not accepted/)
  })

  test('is rejected if it requires an unknown extension', async () => {
    await expectRefused(
      await token({ header: { crit: ['x'], x: 1 } }).catch(
        () => `${parts({ alg: 'EdDSA', kid, crit: ['x'], x: 1 }, claims())}.AAAA`,
      ),
      /not accepted/,
    )
  })

  test('is rejected if the key is from another store, or missing', async () => {
    const stranger = new ApiKeyStore(temporaryFile('store.sqlite'))
    const elsewhere = await stranger.create('elsewhere', ['sign'], null)
    await stranger.close()
    await expectRefused(await token({ key: elsewhere.key }), /not known here/)
    await expectRefused(await token({ header: { kid: '00000000' } }), /not known here/)
  })

  test('is rejected if the key is an API key for requests', async () => {
    const { id } = await otherKeys.create('reads', ['read'], null)
    await expectRefused(await token({ header: { kid: id } }), /not known here/)
  })

  test('of no key of ours by its name opens nothing more than nothing does', async () => {
    for (const header of [{ kid: undefined }, { kid: '../../etc/passwd' }, { kid: "' OR 1=1 --" }]) {
      const { status, data, error } = await ask(await token({ header }))
      expect({ status, data }).toEqual({ status: 200, data: { viewer: null } })
      expect(error.extensions).toEqual({ code: 'FORBIDDEN', scope: 'customer' })
    }
  })
})

describe('the key that signs', () => {
  test('opens nothing by itself', async () => {
    const { key, id } = await otherKeys.create('signs', ['sign'], null)
    expect((await ask(key)).data).toEqual({ viewer: null })
    expect((await ask(`rk_${id}_${'0'.repeat(48)}00000000`)).status).toBe(401)
    await expect(otherKeys.create('both', ['sign', 'read'], null)).rejects.toThrow(
      'create it without other scopes',
    )
  })

  test('is not in the store: a reader of the store cannot sign', async () => {
    const { key } = await otherKeys.create('signs', ['sign'], null)
    const { readFileSync, existsSync } = await import('node:fs')
    const bytes = [file, `${file}-wal`]
      .filter((path) => existsSync(path))
      .map((path) => readFileSync(path, 'latin1'))
    expect(bytes.join()).toContain(JSON.parse(key).x)
    expect(bytes.join()).not.toContain(JSON.parse(key).d)
  })

  test('is not accepted any longer when it is revoked, or has expired', async () => {
    const { key, id } = await otherKeys.create('signs', ['sign'], null)
    const bearer = await token({ key })
    expect((await ask(bearer)).status).toBe(200)
    await otherKeys.revoke([id])
    await expectRefused(bearer, /was revoked on/)
    const short = await otherKeys.create('signs', ['sign'], 0)
    await expectRefused(await token({ key: short.key }), /expired on/)
  })

  test('is replaced by another that signs, and works on for the overlap', async () => {
    const old = await otherKeys.create('signs', ['sign'], null)
    const fresh = await otherKeys.rotate(old.id, 60_000)
    for (const { key } of [old, fresh]) expect((await ask(await token({ key }))).status).toBe(200)
    expect(JSON.parse(fresh.key).kid).toBe(fresh.id)
  })
})

test('a token for one of several shops that know the same key is for that shop alone', async () => {
  const other = await startServer({
    recommender,
    apiKeys: otherKeys,
    audience: 'shop-b',
    host: '127.0.0.1',
    port: 0,
    production: true,
    logger: pino({ level: 'silent' }),
  })
  const statusAt = async (bearer: string) => {
    const headers = { Authorization: `Bearer ${bearer}` }
    return (await fetch(`${other.url}?query={__typename}`, { headers })).status
  }
  expect(await statusAt(await token())).toBe(401)
  const theirs = await token({ claims: { aud: 'shop-b' } })
  expect(await statusAt(theirs)).toBe(200)
  await expectRefused(theirs, /has to be for "rationale"/)
  await other.close()
})

test('the example of a shop’s server signs valid tokens for the signed-in customer', async () => {
  const child = startChild(process.execPath, ['examples/customer-token/server.ts'], {
    env: { ...process.env, RATIONALE_SIGNING_KEY: signing.key, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout, 'data')
  const url = String(line).trim()
  expect((await fetch(url)).status).toBe(401)
  const answer = await fetch(url, { headers: { Cookie: 'session=s3cr3t-of-ana' } })
  const { token: bearer } = (await answer.json()) as { token: string }
  expect((await ask(bearer)).data).toEqual({ viewer: { externalId: 'customer-1' } })
})
