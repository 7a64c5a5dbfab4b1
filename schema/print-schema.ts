import { printSchema } from 'graphql'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { replaceFile } from '../src/files/output-file.ts'
import { schema } from '../src/graphql/schema.ts'

// Writes the schema's SDL to schema/schema.graphql (or FILE), or checks that it stands there:
// node schema/print-schema.ts --write | --check [FILE]

const [action, file = new URL('./schema.graphql', import.meta.url)] = process.argv.slice(2)
const sdl = `${printSchema(schema)}\n`

switch (action) {
  case '--write':
    await replaceFile(file instanceof URL ? fileURLToPath(file) : file, [sdl])
    break
  case '--check':
    if ((await readFile(file, 'utf8').catch(() => '')) !== sdl) {
      console.error(
        'schema/schema.graphql is not what the code says: run "npm run schema:write" and commit it.',
      )
      process.exitCode = 1
    }
    break
  default:
    console.error('Usage: node schema/print-schema.ts --write | --check [FILE]')
    process.exitCode = 2
}
