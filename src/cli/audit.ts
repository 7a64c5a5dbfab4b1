import type { Command } from 'commander'
import { Option } from 'commander'
import { minute } from '../store/api-key.ts'
import { type AuditEntry, auditEntries } from '../store/audit-log.ts'
import { jsonOption, wholeNumber } from './options.ts'
import { onOneLine } from './plain-text.ts'
import { printResult, table } from './result.ts'
import { requiredStore, storeOption } from './store.ts'

interface AuditOptions {
  store?: string
  last: number
  json?: boolean
}

const EXAMPLE = `
Example:
  rationale audit --store shop.sqlite --last 20`

export function addAudit(program: Command): void {
  program
    .command('audit')
    .description('show who did what to API keys, availability, the catalogue, customers and models, and when')
    .addOption(storeOption())
    .addOption(
      new Option('--last <n>', 'how many of the latest entries to show')
        .argParser(wholeNumber(1))
        .default(100),
    )
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLE)
    .action(async (options: AuditOptions) => {
      const entries = await auditEntries(requiredStore(options), options.last)
      printResult({ entries }, options, () => auditTable(entries))
    })
}

function auditTable(entries: readonly AuditEntry[]): string {
  if (entries.length === 0) return 'Nothing is recorded yet.'
  const rows = entries.map(({ time, actor, kind, action, subject }) => [
    minute(time),
    onOneLine(actor),
    `${kind} ${action}`,
    onOneLine(subject),
  ])
  return table('llll', [['when', 'who', 'what', 'of what'], ...rows])
}
