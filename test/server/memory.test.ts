import { expect, test } from 'vitest'
import { attackMemory } from '../attack/memory.ts'
import { KINDS } from '../attack/memory-attack.ts'

/** Documents that are never answered are sent more often: yoga's own cache kept 150 KB of each. */
const countOf = (kind: string) => (kind.startsWith('invalid') ? 200 : 50)

// `npm run attack -- memory` sends 50,000.
test('data that clients send only once is not kept', { timeout: 300_000 }, async () => {
  const counts = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, countOf(kind)]))
  const { answers, bytes } = await attackMemory(counts)
  expect(bytes).toBeLessThan(12 * 2 ** 20)
  expect(Object.keys(answers).sort()).toEqual(['200', '400', '401', '404', '413', '415'])
})
