import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generate } from '@graphql-codegen/cli'
import { type DocumentNode, print, printSchema } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { schema } from '../../src/graphql/schema.ts'
import { limitsOf } from '../../src/server/limits.ts'
import { readTrustedDocuments } from '../../src/server/trusted-documents.ts'
import { serving } from '../api/serving.ts'
import { customerId, sku } from '../api/shop.ts'
import { temporaryFile } from '../explanations/writer.ts'

const PRODUCT = 'query Product($sku: String!) { product(sku: $sku) { ... on Product { sku } } }'
const HIDE = `mutation Hide($sku: String!) {
  setProductAvailability(input: { products: [{ sku: $sku, hidden: true }] }) { __typename }
}`
const idOf = (text: string) => createHash('sha256').update(text).digest('hex')

function fileOf(documents: unknown): string {
  const file = temporaryFile('persisted-documents.json')
  writeFileSync(file, typeof documents === 'string' ? documents : JSON.stringify(documents))
  return file
}

const trustedDocuments = await readTrustedDocuments(fileOf({ [idOf(PRODUCT)]: PRODUCT, [idOf(HIDE)]: HIDE }))
const { url } = await serving({ trustedDocuments, production: false })
const variables = { sku: sku(1) }
const answered = { status: 200, data: { product: { sku: sku(1) } } }

const persistedQuery = (sha256Hash: string) => ({
  extensions: { persistedQuery: { version: 1, sha256Hash } },
})

describe('a trusted document is answered', () => {
  test('by its id as GraphQL over HTTP has it', async () => {
    expect(await post({ documentId: idOf(PRODUCT), variables })).toMatchObject(answered)
    expect(await post({ documentId: `sha256:${idOf(PRODUCT)}`, variables })).toMatchObject(answered)
  })

  test('by its id as Apollo’s clients have it', async () => {
    expect(await post({ ...persistedQuery(idOf(PRODUCT)), variables })).toMatchObject(answered)
  })

  test('by GET, in either way, so that caches can keep the answer', async () => {
    const asked = { variables: JSON.stringify(variables) }
    const extensions = JSON.stringify(persistedQuery(idOf(PRODUCT)).extensions)
    expect(await get({ documentId: idOf(PRODUCT), ...asked })).toMatchObject(answered)
    expect(await get({ extensions, ...asked })).toMatchObject(answered)
    expect(await get({ query: PRODUCT, ...asked })).toMatchObject(answered)
  })

  test('by its whole text, however it is spaced, with or without its id', async () => {
    const spaced = `# From the shop.\n${PRODUCT.replaceAll(' ', '\n  ,')}`
    for (const query of [PRODUCT, spaced, spaced, PRODUCT]) {
      expect(await post({ query, variables })).toMatchObject(answered)
    }
    expect(await post({ query: PRODUCT, ...persistedQuery(idOf(PRODUCT)), variables })).toMatchObject(
      answered,
    )
  })

  test('under the rules for all: no mutation by GET, variables as the schema has them', async () => {
    const mutation = await get({ documentId: idOf(HIDE), variables: JSON.stringify(variables) })
    expect(mutation.status).toBe(405)
    const { errors } = await post({ documentId: idOf(PRODUCT) })
    expect(errors[0].message).toContain('Variable "$sku"')
  })
})

describe('anything else is refused', () => {
  const untrusted = 'query Product($sku: String!) { product(sku: $sku) { ... on Product { name } } }'
  test.each([
    ['a text that is not in the list', { query: untrusted, variables }, 'DOCUMENT_NOT_TRUSTED'],
    [
      'one that claims the id of another',
      { query: untrusted, variables, ...persistedQuery(idOf(PRODUCT)), documentId: idOf(PRODUCT) },
      'DOCUMENT_NOT_TRUSTED',
    ],
    ['a question about the schema', { query: '{ __schema { types { name } } }' }, 'DOCUMENT_NOT_TRUSTED'],
    ['what is no GraphQL', { query: '{{{' }, 'DOCUMENT_NOT_TRUSTED'],
    ['no text at all', { query: '' }, 'DOCUMENT_NOT_TRUSTED'],
    ['a query that is no text', { query: 7 }, 'DOCUMENT_NOT_TRUSTED'],
    [
      'an id that is not in the list',
      { documentId: idOf(untrusted), variables },
      'PERSISTED_QUERY_NOT_FOUND',
    ],
    ['the same, as Apollo’s clients ask', persistedQuery(idOf(untrusted)), 'PERSISTED_QUERY_NOT_FOUND'],
    ['a name that objects have', { documentId: '__proto__' }, 'PERSISTED_QUERY_NOT_FOUND'],
    ['nothing', {}, 'PERSISTED_QUERY_ID_REQUIRED'],
    ['an id that is no text', { documentId: 7 }, 'PERSISTED_QUERY_ID_REQUIRED'],
    [
      'an extension that holds no id',
      { extensions: { persistedQuery: null } },
      'PERSISTED_QUERY_ID_REQUIRED',
    ],
  ])('%s', async (_what, body, code) => {
    const { data, errors } = await post(body)
    expect(data).toBeUndefined()
    expect(errors.map(({ extensions }: any) => extensions.code)).toEqual([code])
    const strict = await post(body, 'application/graphql-response+json')
    expect(strict.status).toBe(400)
  })

  test('also GraphiQL’s page, which could ask nothing', async () => {
    const response = await fetch(url, { headers: { Accept: 'text/html' } })
    expect(await response.text()).not.toContain('GraphiQL')
  })
})

describe('if callers are limited', async () => {
  const limits = { cost: 200, rateLimit: { capacity: 200, perSecond: 0.01 } }
  const limited = await serving({ trustedDocuments, limits })
  const codeOf = async (body: object) =>
    (await post(body, undefined, limited.url)).errors?.[0].extensions.code

  test('texts that are not trusted are paid for, and not even read when nothing is left', async () => {
    // At 50 each; the document that is trusted costs 3.
    expect(await codeOf({ query: PRODUCT, variables })).toBeUndefined()
    for (let i = 0; i < 4; i++) expect(await codeOf({ query: `{ a${i} }` })).toBe('DOCUMENT_NOT_TRUSTED')
    expect(await codeOf({ query: '{ a }' })).toBe('THROTTLED')
    expect(await codeOf({ documentId: idOf('nothing') })).toBe('THROTTLED')
  })
})

describe('a list that cannot be served is an error at the start', () => {
  test.each([
    [
      'is not there',
      () => join(temporaryFile('nowhere'), 'x.json'),
      /^cannot read the trusted documents in .*ENOENT/,
    ],
    ['is no JSON', () => fileOf('query { x }'), /^cannot read the trusted documents in .*JSON/],
    ['is a list', () => fileOf([PRODUCT]), /it is not a JSON object of documents by id/],
    [
      'holds what is no text',
      () => fileOf({ a: { query: PRODUCT } }),
      /it is not a JSON object of documents by id/,
    ],
    ['is empty', () => fileOf({}), /holds no documents: the server would answer nothing$/],
  ])('because it %s', async (_why, file, message) => {
    await expect(readTrustedDocuments(file())).rejects.toThrow(message)
  })

  test('with all of its documents that do not fit the schema, and why', async () => {
    const deep = '{ product(sku: "a") { ... on Product { similar { edges { node { sku } } } } } }'
    const file = fileOf({
      good: PRODUCT,
      renamed: '{ produkt(sku: "a") { __typename } }',
      broken: '{ product(',
      twice: 'query A { nobody } query A { nothing }',
      long: `{ ${'__typename '.repeat(200)} }`,
      deep,
    })
    const limits = limitsOf({ depth: 3, tokens: 100 }, false, {})
    const failure = await readTrustedDocuments(file, limits).catch((error: Error) => error.message)
    expect(String(failure).split('\n')).toEqual([
      `${file} holds invalid documents:`,
      expect.stringMatching(/^ {2}renamed: Cannot query field "produkt" on type "Query"/),
      expect.stringMatching(/^ {2}broken: Syntax Error: Expected Name, found <EOF>/),
      expect.stringMatching(/^ {2}twice: Cannot query field "nobody"/),
      expect.stringMatching(/^ {2}twice: There can be only one operation named "A"/),
      expect.stringMatching(/^ {2}twice: Cannot query field "nothing"/),
      expect.stringMatching(/^ {2}long: .* more than 100 tokens/),
      expect.stringMatching(/^ {2}deep: The operation is 5 fields deep, at most 3 are allowed/),
    ])
  })
})

describe.each([
  ['as it is by default', true],
  ['with SHA-1', { hashAlgorithm: 'sha1' }],
])('documents persisted by GraphQL Code Generator, %s', (_how, persistedDocuments) => {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const folder = mkdtempSync(join(tmpdir(), 'rationale-codegen-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  let served: string
  let generated: [hash: string, text: string]
  beforeAll(async () => {
    await generate(
      {
        cwd: root,
        schema: printSchema(schema),
        documents: 'test/api/typed-client/*.ts',
        importExtension: '.ts',
        silent: true,
        generates: { [`${folder}/`]: { preset: 'client', presetConfig: { persistedDocuments } } },
      },
      true,
    )
    const file = join(folder, 'persisted-documents.json')
    generated = Object.entries<string>(JSON.parse(readFileSync(file, 'utf8')))[0]
    served = (await serving({ trustedDocuments: await readTrustedDocuments(file) })).url
  }, 60_000)

  const asked = { externalId: customerId(1), first: 1 }

  test('are answered by their hash', async () => {
    const [hash] = generated
    for (const body of [{ documentId: hash }, persistedQuery(hash), { documentId: hash.split(':').at(-1) }]) {
      const { data, errors } = await post({ ...body, variables: asked }, undefined, served)
      expect(errors).toBeUndefined()
      expect(data.customer.recommendations.edges).toHaveLength(1)
    }
  })

  test('are answered by the text that a client makes of its document', async () => {
    const { WhyDocument } = (await import(join(folder, 'graphql.ts'))) as { WhyDocument: DocumentNode }
    const { data } = await post({ query: print(WhyDocument), variables: asked }, undefined, served)
    expect(data.customer.recommendations.edges).toHaveLength(1)
  })
})

async function post(body: object, accept = 'application/json', to = url): Promise<any> {
  const response = await fetch(to, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: accept },
    body: JSON.stringify(body),
  })
  return { status: response.status, ...((await response.json()) as object) }
}

async function get(parameters: Record<string, string>): Promise<any> {
  const response = await fetch(`${url}?${new URLSearchParams(parameters)}`)
  return { status: response.status, ...((await response.json()) as object) }
}
