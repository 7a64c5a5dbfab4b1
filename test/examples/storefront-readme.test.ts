import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const storefront = join(root, 'examples/storefront')
const readme = readFileSync(join(storefront, 'README.md'), 'utf8')
const packageOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

test('the storefront’s README names the workspace, its script and the documents as the root of the repository has them', () => {
  const { name, scripts } = packageOf(storefront)
  expect(readme).toContain(`npm run build --workspace ${name} -- --mode trusted`)
  expect(scripts.build).toMatch(/vite build$/)
  const [, documents] = /^ *npm start -- --trusted-documents (\S+)$/m.exec(readme)!
  const written = readFileSync(join(storefront, 'codegen.ts'), 'utf8')
  const [, folder] = /'(\S+\/gql\/)'/.exec(written)!
  expect(join(root, documents)).toBe(join(storefront, folder, 'persisted-documents.json'))
})
