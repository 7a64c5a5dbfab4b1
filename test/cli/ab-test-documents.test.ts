/** The A/B-test designs of docs/ are what the command writes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DEMO_SHOP } from '../../src/cli/serve.ts'
import { generateShop } from '../../src/data/demo-shop.ts'
import { runChild } from '../child-process.ts'
import { describeOlist, olistFolder } from '../model/olist.ts'
import { temporaryFolder } from './program.ts'

/** What `rationale experiment design` writes. */
async function designOf(data: string, ...options: string[]): Promise<string> {
  const out = join(temporaryFolder(), 'design.md')
  await runChild(process.execPath, [
    'bin/rationale.js',
    'experiment',
    'design',
    '--data',
    data,
    '--out',
    out,
    ...options,
  ])
  return readFileSync(out, 'utf8')
}

test('docs/ab-test-demo.md is the design for the demo shop', async () => {
  const shop = join(temporaryFolder(), 'shop')
  await generateShop({ ...DEMO_SHOP, directory: shop })
  // To write it again: rationale generate --out shop; rationale experiment design --data shop --out docs/ab-test-demo.md
  expect(await designOf(shop)).toBe(readFileSync('docs/ab-test-demo.md', 'utf8'))
})

describeOlist('docs/ab-test-olist.md', () => {
  test('is the design for Olist', async () => {
    const document = readFileSync('docs/ab-test-olist.md', 'utf8')
    // To write it again: the same, with --data ../shared/data/olist and --note and the text of its note.
    const [, note] = /^> (.*)$/m.exec(document)!
    expect(note).toMatch(/^Orders reconstructed/)
    expect(await designOf(olistFolder, '--note', note)).toBe(document)
  })
})
