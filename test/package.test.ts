import { once } from 'node:events'
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runChild, startChild } from './child-process.ts'

const root = join(import.meta.dirname, '..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Another project, with Rationale installed from what `npm pack` would publish. */
const project = mkdtempSync(join(tmpdir(), 'rationale-'))
const installed = join(project, 'node_modules', 'rationale-engine')
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

test('npm links both its commands, and the product is called by either', async () => {
  writeFileSync(join(project, 'package.json'), JSON.stringify({ dependencies: { [manifest.name]: '*' } }))
  await runChild('npm', ['rebuild', '--ignore-scripts', '--offline'], { cwd: project })
  for (const command of ['rationale-engine', 'rationale']) {
    const { stdout } = await runChild('npx', ['--no', '--', command, '--version'], { cwd: project })
    expect(stdout).toBe(`${manifest.version}\n`)
  }
})

test('everything that it imports is among its dependencies, and those of its peers', () => {
  const imported = globSync('dist/**/*.js', { cwd: installed })
    .flatMap((file) => importedNames(readFileSync(join(installed, file), 'utf8')))
    .filter((name) => !name.startsWith('node:'))
    .map((name) => name.replace(/^(@[^/]+\/[^/]+|[^/]+).*$/, '$1'))
  expect(imported).toContain('commander')
  const brought = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  expect(brought).toEqual(expect.arrayContaining([...new Set(imported)]))
})

const rationale = (line: string) =>
  runChild(process.execPath, [join(installed, manifest.bin.rationale), ...line.split(' ')], { cwd: project })

test('its program trains and recommends', async () => {
  await rationale('generate --out shop --customers 100 --products 30')
  await rationale('train --data shop --model shop.model --iterations 2')
  const { stdout } = await rationale('recommend --model shop.model --customer customer-1 --first 3 --json')
  expect(JSON.parse(stdout).items).toHaveLength(3)
})

const program = (name: string, source: string, flags: readonly string[] = []) => {
  writeFileSync(join(project, name), source)
  return runChild(process.execPath, [...flags, name], { cwd: project })
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
    import { Rationale } from 'rationale-engine'

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

test('its types are those of a program in TypeScript, and of a page, libraries checked', async () => {
  const silent = { stdout: '', stderr: '' }
  expect(
    await compile(
      'program.mts',
      `import { Rationale, UnknownCustomerError } from 'rationale-engine'
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
      `import { createClient, RequestError } from 'rationale-engine/client'
      const client = createClient({ url: '/graphql' })
      client.query<{ shop: string }>('{ shop }').then(({ shop }) => document.write(shop), (error) => {
        if (error instanceof RequestError) alert(error.codes.join())
      })`,
      '--lib es2024,dom --module esnext --moduleResolution bundler',
    ),
  ).toEqual(silent)
})

test('its types stand without those of a browser', async () => {
  const source = `import { Rationale, startServer, type Handler, type ServerOptions } from 'rationale-engine'
    const options: ServerOptions = { recommender: (await Rationale.open('m')).recommender }
    const handler: Handler = await (await Rationale.open('m')).handler()
    console.log(startServer, options, handler)`
  expect(await compile('server.mts', source, '--lib es2024 --module nodenext')).toMatchObject({
    stdout: '',
    stderr: '',
  })
})

test('npm has nothing to run when it is installed', () => {
  const run = /^(pre|post)?(install|prepare)$|^prepublish$/
  expect(Object.keys(manifest.scripts).filter((script) => run.test(script))).toEqual([])
})

test('it takes the copy of graphql that is there, and Apollo Server one that it takes too', () => {
  const apollo = JSON.parse(readFileSync(join(root, 'node_modules/@apollo/server/package.json'), 'utf8'))
  expect(manifest.dependencies.graphql).toBeUndefined()
  expect(manifest.peerDependencies.graphql.split(' || ')).toContain(apollo.peerDependencies.graphql)
})

test('under graphql 16 its schema runs in Apollo Server, and its own server answers, deferred parts at once', async () => {
  symlinkSync(join(root, 'node_modules/@apollo'), join(project, 'node_modules/@apollo'), 'junction')
  symlinkSync(join(root, 'node_modules/graphql-16'), join(project, 'node_modules/graphql'), 'junction')
  const { stdout } = await program(
    'apollo.mjs',
    `import { createServer } from 'node:http'
    import { ApolloServer } from '@apollo/server'
    import { version } from 'graphql'
    import { Rationale } from 'rationale-engine'

    const rationale = await Rationale.open('shop.model')
    const server = new ApolloServer({ schema: rationale.schema })
    const { body } = await server.executeOperation(
      { query: 'query ($first: Int!) { trending(first: $first) { edges { node { product { sku } } } } }', variables: { first: 3 } },
      { contextValue: rationale.context({ scopes: ['read'] }) },
    )
    const query =
      'query ($first: Int!) { modelInfo { version ... @defer { products } } trending(first: $first) { edges { node { scores { hybrid } } } } __typename __schema { queryType { name } } }'
    const http = createServer(await rationale.handler({ introspection: true })).listen(0)
    const ask = async (variables) => {
      const answer = await fetch('http://127.0.0.1:' + http.address().port + '/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'multipart/mixed, application/json' },
        body: JSON.stringify({ query, variables }),
      })
      return answer.json()
    }
    const [{ data, errors }, refused] = [await ask({ first: 2 }), await ask({ first: 'x' })]
    console.log(JSON.stringify({ version, apollo: body.singleResult, data, errors, refused: refused.errors[0].message }))
    http.close()
    await rationale.close()`,
    ['--import', join(root, 'test/graphql-16/redirect.ts')],
  )
  const { version, apollo, data, errors, refused } = JSON.parse(stdout)
  expect(version).toMatch(/^16\./)
  expect(apollo.errors).toBeUndefined()
  expect(apollo.data.trending.edges).toHaveLength(3)
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({
    modelInfo: { version: expect.any(String), products: 30 },
    trending: { edges: [1, 2].map(() => ({ node: { scores: { hybrid: expect.any(Number) } } })) },
    __typename: 'Query',
    __schema: { queryType: { name: 'Query' } },
  })
  expect(refused).toContain('"$first" got invalid value "x"')
})

test('what is written behind "npm run storefront --" reaches its server, and behind "docs --" its generator', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rationale-'))
  try {
    const { storefront, docs } = manifest.scripts
    const workspaces = {
      shop: ['rationale-storefront', 'dev'],
      'docs/reference': ['rationale-reference', 'build'],
    }
    const json = { private: true, scripts: { storefront, docs }, workspaces: Object.keys(workspaces) }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(json))
    for (const [place, [name, script]] of Object.entries(workspaces)) {
      mkdirSync(join(folder, place), { recursive: true })
      const scripts = { [script]: 'node -p "process.argv.slice(1).join()" --' }
      writeFileSync(join(folder, place, 'package.json'), JSON.stringify({ name, version: '0.0.0', scripts }))
    }
    for (const script of ['storefront', 'docs']) {
      const { stdout } = await runChild('npm', ['run', script, '--', '--port', '5999'], { cwd: folder })
      expect(stdout.trimEnd().split('\n').at(-1)).toBe('--port,5999')
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
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
  const flags = `--ignoreConfig --noEmit --strict --target es2024 ${options} ${file}`
  return runChild(process.execPath, [compiler, ...flags.split(' ')], { cwd: project }).catch((error) => error)
}
