import { execFile } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Another project, with Rationale installed from what `npm pack` would publish. */
const project = mkdtempSync(join(tmpdir(), 'rationale-'))
const installed = join(project, 'node_modules', 'rationale')
afterAll(() => rmSync(project, { recursive: true, force: true }))

let packed: string[]
beforeAll(async () => {
  // What prepack does but for the wasm: pretest has built that, and other tests are reading it just now.
  await run('npm', ['run', 'build:dist'], { cwd: root })
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root })
  packed = JSON.parse(stdout)[0].files.map(({ path }: { path: string }) => path)
  for (const file of packed) cpSync(join(root, file), join(installed, file))
  // In place of a download; that `dependencies` are complete is a test of its own.
  symlinkSync(join(root, 'node_modules'), join(installed, 'node_modules'), 'junction')
})

test('the package carries what runs, and nothing else', () => {
  const expected = [
    'bin/rationale.js',
    'dist/index.js',
    'dist/index.d.ts',
    'schema/schema.graphql',
    'build/simd.wasm',
    'build/relaxed-simd.wasm',
    'LICENSE',
  ]
  expect(packed).toEqual(expect.arrayContaining(expected))
  expect(packed.filter((file) => /^(src|test|assembly|node_modules)\//.test(file))).toEqual([])
})

/** Of packages, not of the own files; the compiler puts each import on one line. */
function importedNames(source: string): string[] {
  const imports = source.matchAll(
    /(?:^(?:import|export)\b.*\bfrom |^import |\bimport\()['"]([^.'"][^'"]*)['"]/gm,
  )
  return Array.from(imports, ([, name]) => name)
}

test('everything that it imports is among its dependencies', () => {
  const imported = globSync('dist/**/*.js', { cwd: installed })
    .flatMap((file) => importedNames(readFileSync(join(installed, file), 'utf8')))
    .filter((name) => !name.startsWith('node:'))
    .map((name) => name.replace(/^(@[^/]+\/[^/]+|[^/]+).*$/, '$1'))
  expect(imported).toContain('commander')
  expect(Object.keys(manifest.dependencies)).toEqual(expect.arrayContaining([...new Set(imported)]))
})

const rationale = (line: string) =>
  run(process.execPath, [join(installed, manifest.bin.rationale), ...line.split(' ')], { cwd: project })

test('its program trains and recommends', async () => {
  await rationale('generate --out shop --customers 100 --products 30')
  await rationale('train --data shop --model shop.model --iterations 2')
  const { stdout } = await rationale('recommend --model shop.model --customer customer-1 --first 3 --json')
  expect(JSON.parse(stdout).items).toHaveLength(3)
})

test('the example of its face runs in a program that embeds it', async () => {
  const [, example] = readFileSync(join(root, 'src/index.ts'), 'utf8').split(/^ \* ```(?:ts)?$/m)
  const script = example.replaceAll(/^ \* ?/gm, '')
  writeFileSync(join(project, 'embed.mjs'), script)
  const { stdout } = await run(process.execPath, ['embed.mjs'], { cwd: project })
  expect(stdout.trimEnd().split('\n')).toHaveLength(3)
})
