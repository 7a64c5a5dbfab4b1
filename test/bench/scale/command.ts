import { type Command, Option } from 'commander'
import { wholeNumber } from '../../../src/cli/options.ts'
import { benchScale, type ScaleCosts } from './scale.ts'

const size = (flag: string, what: string, usual: number) =>
  new Option(`--${flag} <n>`, what).argParser(wholeNumber(1)).default(usual)

/** Adds `bench scale`. @param report  prints what was measured, as JSON or in words */
export function addScaleCommand(bench: Command, report: (costs: ScaleCosts, json?: boolean) => void): void {
  bench
    .command('scale')
    .description(
      'a made-up shop of a million customers: start, memory and lists of its models; some 10 minutes, 8 GB',
    )
    .addOption(size('customers', 'of the shop', 1_000_000))
    .addOption(size('products', 'of the shop', 200_000))
    .addOption(size('interactions', 'of the shop', 10_000_000))
    .addOption(size('lists', 'lists of each model', 300))
    .addOption(size('history-length', 'products of a history, where the model holds none', 10))
    .addOption(size('threads', 'threads of the training', 2))
    .addOption(new Option('--json', 'print one JSON object on stdout, for programs'))
    .action(async ({ json, ...options }) => report(await benchScale(options), json))
}
