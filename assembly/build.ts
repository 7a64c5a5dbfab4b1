/**
 * Builds build/*.wasm and their typings, one a target of asconfig.json; skips what is newer than its sources.
 * `node assembly/build.ts [--force]`
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { main } from 'assemblyscript/asc'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
process.chdir(root)

const sources = [
  'asconfig.json',
  ...readdirSync('assembly')
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('assembly', name)),
]
const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs))
const { targets } = JSON.parse(readFileSync('asconfig.json', 'utf8'))

for (const [target, { outFile }] of Object.entries<{ outFile: string }>(targets)) {
  const built = statSync(outFile, { throwIfNoEntry: false })
  if (built !== undefined && built.mtimeMs > newest && !process.argv.includes('--force')) continue
  const { error, stderr } = await main(['--config', 'asconfig.json', '--target', target])
  if (error !== null) {
    process.stderr.write(`${stderr.toString()}${error.message}\n`)
    process.exit(1)
  }
  process.stderr.write(`built ${outFile}: ${statSync(outFile).size} bytes\n`)
}
