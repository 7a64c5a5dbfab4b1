import { describe, expect, test } from 'vitest'
import { serverConfig } from '../../src/server/server-settings.ts'

const ENVIRONMENT = {
  HOST: '0.0.0.0',
  PORT: '8080',
  NODE_ENV: 'production',
  TRUST_PROXY: '2',
  RATIONALE_TOKEN: 'a-token-of-the-environment',
  TOKEN_AUDIENCE: 'shop-b',
  CORS_ORIGIN: 'https://shop.example, http://localhost:5173,',
}

describe('a server listens', () => {
  test('on this machine only, at port 4000, by default', () => {
    expect(serverConfig({}, {})).toEqual({
      host: '127.0.0.1',
      port: 4000,
      production: false,
      introspection: true,
      trustProxy: 0,
      token: null,
      audience: 'rationale',
      corsOrigins: [],
    })
  })

  test('as the environment says', () => {
    expect(serverConfig({}, ENVIRONMENT)).toEqual({
      host: '0.0.0.0',
      port: 8080,
      production: true,
      introspection: false,
      trustProxy: 2,
      token: 'a-token-of-the-environment',
      audience: 'shop-b',
      corsOrigins: ['https://shop.example', 'http://localhost:5173'],
    })
  })

  test('as its options say, not as the environment says', () => {
    const options = {
      host: '::1',
      port: 0,
      production: false,
      introspection: false,
      trustProxy: 0,
      token: 'a-token-of-the-options',
      audience: 'shop-a',
      corsOrigins: ['https://other.example'],
    }
    expect(serverConfig(options, ENVIRONMENT)).toEqual(options)
  })

  test.each([
    ['true', true],
    ['false', false],
  ])('and answers about its schema as the environment says: %s', (INTROSPECTION, introspection) => {
    expect(serverConfig({}, { INTROSPECTION })).toMatchObject({ introspection })
    expect(serverConfig({}, { INTROSPECTION, NODE_ENV: 'production' })).toMatchObject({ introspection })
    expect(serverConfig({ introspection: !introspection }, { INTROSPECTION })).toMatchObject({
      introspection: !introspection,
    })
  })

  test('by default if a variable is empty', () => {
    expect(serverConfig({}, { HOST: '', PORT: '' })).toMatchObject({ host: '127.0.0.1', port: 4000 })
  })
})

test.each([
  'short',
  '               ',
  'with a space in it somewhere',
  'ümläut-sixteen-letters',
  'x'.repeat(201),
])('a token of “%s” is refused, and not repeated where logs are kept', (token) => {
  const refused = () => serverConfig({}, { RATIONALE_TOKEN: token })
  expect(refused).toThrow('RATIONALE_TOKEN must be 16 to 200 letters, digits and signs')
  expect(refused).not.toThrow(token)
})

test.each([
  ['80 80', 'PORT must be a number, not "80 80"'],
  ['80.5', 'PORT must be a whole number, not "80.5"'],
  ['-1', 'PORT must be 0 or more, not "-1"'],
  ['65536', 'PORT must be 65535 or less, not "65536"'],
])('a port of %s is refused', (port, message) => {
  expect(() => serverConfig({}, { PORT: port })).toThrow(message)
})

test.each([
  ['yes', 'TRUST_PROXY must be a number of proxies, not "yes"'],
  ['0.5', 'TRUST_PROXY must be a whole number, not "0.5"'],
  ['-1', 'TRUST_PROXY must be 0 or more, not "-1"'],
])('%s proxies are refused', (proxies, message) => {
  expect(() => serverConfig({}, { TRUST_PROXY: proxies })).toThrow(message)
})

test('what is neither true nor false about introspection is refused', () => {
  expect(() => serverConfig({}, { INTROSPECTION: 'perhaps' })).toThrow(
    'INTROSPECTION must be true or false, not "perhaps"',
  )
})

test.each([
  '*',
  'null',
  'shop.example',
  'https://shop.example/',
  'https://shop.example/page',
  'HTTPS://shop.example',
  'file://',
  'https://shop.example:443',
])('an origin of %s is refused', (origin) => {
  expect(() => serverConfig({}, { CORS_ORIGIN: `https://good.example,${origin}` })).toThrow(
    'CORS_ORIGIN must be origins as browsers write them',
  )
})
