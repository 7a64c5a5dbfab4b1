import { describe, expect, test } from 'vitest'
import { serverConfig } from '../../src/server/config.ts'

describe('a server listens', () => {
  test('on this machine alone, port 4000, unless told otherwise', () => {
    expect(serverConfig({}, {})).toEqual({ host: '127.0.0.1', port: 4000, production: false })
  })

  test('where the environment says', () => {
    const environment = { HOST: '0.0.0.0', PORT: '8080', NODE_ENV: 'production' }
    expect(serverConfig({}, environment)).toEqual({ host: '0.0.0.0', port: 8080, production: true })
  })

  test('where its options say, whatever the environment says', () => {
    const environment = { HOST: '0.0.0.0', PORT: '8080', NODE_ENV: 'production' }
    const options = { host: '::1', port: 0, production: false }
    expect(serverConfig(options, environment)).toEqual(options)
  })

  test('by default where a variable is set to nothing', () => {
    expect(serverConfig({}, { HOST: '', PORT: '' })).toMatchObject({ host: '127.0.0.1', port: 4000 })
  })
})

test.each([
  ['80 80', 'PORT must be a number, not "80 80"'],
  ['80.5', 'PORT must be a whole number, not "80.5"'],
  ['-1', 'PORT must be 0 or more, not "-1"'],
  ['65536', 'PORT must be 65535 or less, not "65536"'],
])('a port of %s is refused', (port, message) => {
  expect(() => serverConfig({}, { PORT: port })).toThrow(message)
})
