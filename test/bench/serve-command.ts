import { type Command, Option } from 'commander'
import { wholeNumber } from '../../src/cli/options.ts'
import { type CostFit, fitCosts } from './cost-fit.ts'
import { type CostSearch, searchCosts } from './cost-search.ts'
import { benchCosts, type PricedOperation } from './costs.ts'
import { list, oneOf } from './lists.ts'
import { benchServe, type ServeBench, servePeers } from './serve.ts'

/** Adds `costs` to the bench. @param report,reportSearch,reportFit  are given the results, undefined without Olist's data */
export function addCostsCommand(
  bench: Command,
  report: (result: PricedOperation[] | undefined, json: boolean | undefined) => void,
  reportSearch: (result: CostSearch[] | undefined, json: boolean | undefined) => void,
  reportFit: (result: CostFit | undefined, json: boolean | undefined) => void,
): void {
  bench
    .command('costs')
    .description('operations of Olist’s shop: what they are priced at, and what they take of the processor')
    .addOption(new Option('--rounds <n>', 'of each operation').argParser(wholeNumber(1)).default(3))
    .addOption(new Option('--seconds <n>', 'of each round').argParser(wholeNumber(1)).default(2))
    .option('--search', 'look for the dearest operations in place of those listed')
    .option('--fit', 'fit the constants of the prices to what a search finds')
    .addOption(
      new Option('--seed <list>', 'one search with each').argParser(list(wholeNumber(0))).default([1]),
    )
    .addOption(new Option('--tries <n>', 'of each search').argParser(wholeNumber(1)).default(600))
    .addOption(new Option('--json', 'print one JSON object on stdout, for programs'))
    .action(async ({ json, search, fit, seed, tries, ...rest }) => {
      if (fit) reportFit(await fitCosts({ seeds: seed, tries }), json)
      else if (search) reportSearch(await searchCosts({ seeds: seed, tries }), json)
      else report(await benchCosts(rest), json)
    })
}

/** Adds `serve` to the bench. @param report  is given the result, undefined without Olist's data */
export function addServeCommand(
  bench: Command,
  report: (result: ServeBench | undefined, json: boolean | undefined) => void,
): void {
  bench
    .command('serve')
    .description(
      'servers that recommend ten products of Olist, beside each other: requests a second, latency, starting up',
    )
    .addOption(
      new Option('--peers <list>', `${servePeers.join(', ')}; none: ours alone`)
        .argParser((text) => (text === 'none' ? [] : list(oneOf(servePeers))(text)))
        .default([...servePeers]),
    )
    .addOption(new Option('--rounds <n>', 'of all systems').argParser(wholeNumber(1)).default(5))
    .addOption(new Option('--seconds <n>', 'of each system in a round').argParser(wholeNumber(1)).default(8))
    .addOption(new Option('--warm-up <n>', 'seconds before these').argParser(wholeNumber(0)).default(2))
    .addOption(new Option('--connections <n>', 'at once').argParser(wholeNumber(1)).default(10))
    .addOption(
      new Option('--workers <list>', 'of our server: one with each number, compared in turn')
        .argParser(list(wholeNumber(1)))
        .default([1]),
    )
    .addOption(new Option('--starts <n>', 'of our server').argParser(wholeNumber(1)).default(5))
    .addOption(new Option('--json', 'print one JSON object on stdout, for programs'))
    .action(async ({ json, warmUp, ...rest }) => {
      report(await benchServe({ ...rest, warmUpSeconds: warmUp }), json)
    })
}
