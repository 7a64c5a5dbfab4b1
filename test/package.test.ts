import { once } from 'node:events'
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runChild, startChild } from './child-process.ts'

const root = join(import.meta.dirname, '..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Another project, with Rationale installed from what `npm pack` would publish. */
const project = mkdtempSync(join(tmpdir(), 'rationale-'))
const installed = join(project, 'node_modules', 'rationale')
afterAll(() => rmSync(project, { recursive: true, force: true }))

let packed: string[]
beforeAll(async () => {
  // What prepack does but for the wasm: pretest has built that, and other tests are reading it just now.
  await runChild('npm', ['run', 'build:dist'], { cwd: root })
  const { stdout } = await runChild('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root })
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
    'dist/client/index.js',
    'dist/client/index.d.ts',
    'schema/schema.graphql',
    'build/simd.wasm',
    'build/relaxed-simd.wasm',
    'LICENSE',
  ]
  expect(packed).toEqual(expect.arrayContaining(expected))
  expect(packed.filter((file) => /^(src|test|assembly|node_modules|examples|docs)\//.test(file))).toEqual([])
  expect(packed.filter((file) => file.startsWith('schema/'))).toEqual(['schema/schema.graphql'])
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
  runChild(process.execPath, [join(installed, manifest.bin.rationale), ...line.split(' ')], { cwd: project })

test('its program trains and recommends', async () => {
  await rationale('generate --out shop --customers 100 --products 30')
  await rationale('train --data shop --model shop.model --iterations 2')
  const { stdout } = await rationale('recommend --model shop.model --customer customer-1 --first 3 --json')
  expect(JSON.parse(stdout).items).toHaveLength(3)
})

const program = (name: string, source: string) => {
  writeFileSync(join(project, name), source)
  return runChild(process.execPath, [name], { cwd: project })
}

test('the example of its face runs in a program that embeds it', async () => {
  const { stdout } = await program('embed.mjs', firstExample('src/index.ts'))
  expect(stdout.trimEnd().split('\n')).toHaveLength(3)
})

test('its client asks what its handler answers', async () => {
  const client = firstExample('src/client/index.ts').replace(
    "'http://127.0.0.1:4000/graphql'",
    '`http://127.0.0.1:${port}`',
  )
  const { stdout } = await program(
    'ask.mjs',
    `import { createServer } from 'node:http'
    import { Rationale } from 'rationale'

    const rationale = await Rationale.open('shop.model')
    const server = createServer(await rationale.handler()).listen(0)
    const { port } = server.address()
    ${client}
    console.log(modelInfo.version === rationale.model.version)
    server.close()
    await rationale.close()`.replace(/<\{.*\}>/, ''),
  )
  expect(stdout).toBe('true\n')
})

test('its types are those of a program in TypeScript, and of a page', async () => {
  const silent = { stdout: '', stderr: '' }
  expect(
    await compile(
      'program.mts',
      `import { Rationale, UnknownCustomerError } from 'rationale'
      const rationale = await Rationale.open('shop.model')
      const { items } = await rationale.recommend(['a', { sku: 'b', quantity: 2 }])
      const name: string | null = items[0].name
      // @ts-expect-error A list has no such kind.
      await rationale.recommend('a', { list: 'MAGIC' })
      console.log(name, UnknownCustomerError)`,
      '--lib es2024,esnext.disposable,dom --module nodenext',
    ),
  ).toEqual(silent)
  expect(
    await compile(
      'page.ts',
      `import { createClient, RequestError } from 'rationale/client'
      const client = createClient({ url: '/graphql' })
      client.query<{ shop: string }>('{ shop }').then(({ shop }) => document.write(shop), (error) => {
        if (error instanceof RequestError) alert(error.codes.join())
      })`,
      '--lib es2024,dom --module esnext --moduleResolution bundler',
    ),
  ).toEqual(silent)
})

test('an example of embedding runs where it has been copied to', async () => {
  cpSync(join(root, 'examples/embedding/express.ts'), join(project, 'express.ts'))
  symlinkSync(join(root, 'node_modules/express'), join(project, 'node_modules/express'), 'junction')
  const env = { ...process.env, PORT: '0' }
  const app = startChild(process.execPath, ['express.ts', 'shop.model'], { cwd: project, env })
  const [line] = await once(app.stdout, 'data')
  app.kill()
  expect(String(line)).toContain('/shop/graphql')
})

/** The first block of code in the comments of a file. */
function firstExample(file: string): string {
  const [, example] = readFileSync(join(root, file), 'utf8').split(/^ \* ```(?:ts)?$/m)
  return example.replaceAll(/^ \* ?/gm, '')
}

/** Runs the compiler over a file of the other project. */
async function compile(file: string, source: string, options: string): Promise<object> {
  writeFileSync(join(project, file), source)
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const flags = `--ignoreConfig --noEmit --strict --skipLibCheck --target es2024 ${options} ${file}`
  return runChild(process.execPath, [compiler, ...flags.split(' ')], { cwd: project }).catch((error) => error)
}
