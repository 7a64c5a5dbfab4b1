import { fileURLToPath } from 'node:url'
import { generate } from '@graphql-codegen/cli'
import { describe, expect, test } from 'vitest'
import { runChild } from '../child-process.ts'
import { serving } from './serving.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const { url } = await serving()

describe('a TypeScript client generated from the committed schema', () => {
  test('is generated, and compiles', async () => {
    await generate(
      {
        cwd: root,
        schema: 'schema/schema.graphql',
        documents: 'test/api/typed-client/*.ts',
        importExtension: '.ts',
        silent: true,
        generates: {
          'test/api/generated/': {
            preset: 'client',
            config: { useTypeImports: true, scalars: { DateTime: 'string' } },
          },
        },
      },
      true,
    )
    const compiler = ['node_modules/typescript/bin/tsc', '--project', 'test/api/typed-client']
    const compiled = await runChild(process.execPath, compiler, { cwd: root }).catch((failure) => failure)
    expect(compiled).toEqual({ stdout: '', stderr: '' })
  })

  test('asks a live server', async () => {
    const answer = await client('customer-1')
    expect(answer).toEqual({
      strategy: 'HYBRID',
      lines: [1, 2].map((rank) => ({
        rank,
        sku: expect.stringMatching(/^sku-/),
        category: expect.any(String),
        likeness: expect.any(Number),
        why: expect.stringContaining('“Product No. '),
      })),
    })
  })

  test('gets the unknown ids', async () => {
    expect(await client('nobody')).toEqual({ unknown: 'nobody' })
  })
})

async function client(externalId: string): Promise<unknown> {
  const { stdout } = await runChild(process.execPath, ['test/api/typed-client/client.ts', url, externalId], {
    cwd: root,
  })
  return JSON.parse(stdout)
}
