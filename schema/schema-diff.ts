import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { schema } from '../src/graphql/schema.ts'
import { schemaChanges } from './schema-changes.ts'

// Says what the code's schema changes for clients of the last release: node schema/schema-diff.ts [RELEASED]
// Exit codes: 0 nothing that breaks them, 1 something does (or the release cannot be read), 2 wrong usage.

const ADVICE = `Keep what was released, and mark it with a deprecation reason that names what to use instead: what a release
has as @deprecated may be gone from the next one. Where a break is meant, say so in CHANGELOG.md, and release it:
"npm run schema:release".`

const [file = fileURLToPath(new URL('./released.graphql', import.meta.url)), ...more] =
  process.argv.slice(2)
const name = relative(process.cwd(), file)

if (more.length > 0) {
  console.error('Usage: node schema/schema-diff.ts [RELEASED]')
  process.exitCode = 2
} else {
  try {
    report(await readFile(file, 'utf8'))
  } catch (cause) {
    console.error(
      `${name} cannot be read: ${(cause as Error).message}. Where nothing has been released yet, "npm run schema:release" writes it.`,
    )
    process.exitCode = 1
  }
}

function report(released: string): void {
  const { breaking, dangerous } = schemaChanges(released, schema)
  console.log(`Since ${name}: breaking changes: ${breaking.length}, dangerous ones: ${dangerous.length}.`)
  for (const change of dangerous) console.log(`  dangerous: ${change}`)
  for (const change of breaking) console.error(`  breaking: ${change}`)
  if (breaking.length === 0) return
  console.error(ADVICE)
  process.exitCode = 1
}
