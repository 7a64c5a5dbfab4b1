import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Block, heading, paragraph } from '../src/documents/block.ts'
import { markdownOf } from '../src/documents/markdown.ts'
import { replaceFile } from '../src/files/output-file.ts'
import {
  defaultOf,
  formOf,
  LANGUAGE_MODEL_SETTINGS,
  LIMIT_SETTINGS,
  SERVE_SETTINGS,
  SERVER_SETTINGS,
  type Setting,
  STORE_SETTINGS,
} from '../src/server/settings.ts'

// Writes the tables of settings to docs/settings.md (or FILE), or checks that they stand there:
// node docs/print-settings.ts --write | --check [FILE]

const tableOf = (settings: Readonly<Record<string, Setting>>): Block => ({
  kind: 'table',
  columns: 'lllll',
  head: ['variable', 'option', 'what it may be', 'default', 'meaning'],
  rows: Object.values(settings).map((setting) => {
    const { variable = '', flag = '', meaning, isSecret } = setting
    const sentence = `${meaning[0].toUpperCase()}${meaning.slice(1)}.`
    const secrecy = isSecret ? ' Secret: never repeated in messages and logs.' : ''
    return [variable, flag, formOf(setting), defaultOf(setting) ?? 'none', sentence + secrecy]
  }),
})

const text = markdownOf({
  title: 'Settings',
  summary:
    'An option of the command line counts before the variable of the environment, that before a file .env of the ' +
    'folder, and that before the default. Options are those of "rationale serve"; other commands have those that ' +
    'concern them. A variable set to nothing counts as not set. Programs name settings as the types ' +
    'of rationale-engine do. This page is written by "npm run settings:write" from src/server/settings.ts.',
  blocks: [
    heading('Where a server listens, and who may ask it'),
    tableOf(SERVER_SETTINGS),
    tableOf(SERVE_SETTINGS),
    heading('Models and events of a store'),
    tableOf(STORE_SETTINGS),
    heading('What one request and one caller may take'),
    paragraph(
      'What is over one of the first seven is refused before anything is executed (LIMIT_EXCEEDED, with what is allowed). ' +
        'A caller who has spent everything gets 429 (THROTTLED) with Retry-After.',
    ),
    tableOf(LIMIT_SETTINGS),
    heading('Explanations by a language model'),
    tableOf(LANGUAGE_MODEL_SETTINGS),
    heading('To look for an error'),
    {
      kind: 'table',
      columns: 'll',
      head: ['variable', 'meaning'],
      rows: [['RATIONALE_DEBUG', 'Anything: errors of commands show their stack.']],
    },
  ],
})

const [action, file = fileURLToPath(new URL('./settings.md', import.meta.url))] = process.argv.slice(2)

switch (action) {
  case '--write':
    await replaceFile(file, [text])
    break
  case '--check':
    if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
      console.error('docs/settings.md is not what the code says: run "npm run settings:write" and commit it.')
      process.exitCode = 1
    }
    break
  default:
    console.error('Usage: node docs/print-settings.ts --write | --check [FILE]')
    process.exitCode = 2
}
