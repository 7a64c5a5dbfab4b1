import { availableParallelism } from 'node:os'
import { Command, Option } from 'commander'
import { number, wholeNumber } from '../../src/cli/options.ts'
import type { KernelVariant } from '../../src/kernels/kernels.ts'
import { benchAgreement, describeAgreement } from './agreement.ts'
import { benchAls } from './als.ts'
import { describeCostFit } from './cost-fit.ts'
import { describeCostSearch } from './cost-search.ts'
import { describeCosts } from './costs.ts'
import { benchCrossover } from './crossover.ts'
import { benchEvaluation } from './evaluation.ts'
import { benchExplanations, describeExplanations } from './explanations.ts'
import { benchHistories, describeHistories } from './histories.ts'
import { benchKernels } from './kernels.ts'
import { list, oneOf } from './lists.ts'
import { benchLive, describeLive } from './live.ts'
import { benchLosses } from './losses.ts'
import { describeMachine } from './machine.ts'
import { matrixNames } from './matrices.ts'
import { benchMillion } from './million.ts'
import { benchOracle } from './oracle.ts'
import {
  describeAls,
  describeCrossover,
  describeEvaluation,
  describeKernels,
  describeLosses,
  describeMillion,
  describeOracles,
  describeServing,
  describeTopK,
} from './report.ts'
import { benchProductMemory, describeProductMemory } from './scale/product-memory.ts'
import { benchProducts, describeProducts } from './scale/products.ts'
import { benchProposer, describeProposer } from './scale/proposer.ts'
import { benchQuality } from './quality.ts'
import { QUALITY_DATA } from './quality-data.ts'
import { addScaleCommand } from './scale/command.ts'
import { describeScale } from './scale/scale.ts'
import { describeQuality } from './quality-report.ts'
import { addCostsCommand, addServeCommand } from './serve-command.ts'
import { describeServe } from './serve-report.ts'
import { benchServing } from './serving.ts'
import { benchTopK } from './topk.ts'

const machine = describeMachine()
const peerOption = () => new Option('--peer <name>', 'measure this one beside ours').choices(['implicit'])
const threadsOption = () =>
  new Option('--threads <list>', 'numbers of threads').argParser(list(wholeNumber(1))).default([1, 2])
const repeatOption = () =>
  new Option('--repeat <n>', 'undisturbed runs of each; medians are reported')
    .argParser(wholeNumber(1))
    .default(3)
const variants = ['reference', 'simd', 'relaxed-simd'] satisfies KernelVariant[]
const variantOption = () =>
  new Option('--variant <name>', 'of our kernels (default: the best the engine runs)').choices(variants)
const jsonOption = () => new Option('--json', 'print one JSON object on stdout, for programs')

const bench = new Command('bench')
  .description('Measures the core, beside a peer where one is set up.')
  .hook('preAction', () => {
    const { cpu, cores, platform, node, v8, loadAverage } = machine
    console.error(
      `${cpu}, ${cores} cores, ${platform}; Node ${node}, V8 ${v8}; load ${loadAverage.toFixed(2)}`,
    )
  })

bench
  .command('als')
  .description('whole fits, in the convention of implicit')
  .addOption(peerOption())
  .addOption(
    new Option('--matrix <list>', matrixNames.join(', '))
      .argParser(list(oneOf(matrixNames)))
      .default([...matrixNames]),
  )
  .addOption(new Option('--factors <list>', 'ranks').argParser(list(wholeNumber(1, 1024))).default([64, 128]))
  .addOption(threadsOption())
  .addOption(new Option('--alpha <x>', 'α').argParser(number).default(40))
  .addOption(new Option('--regularization <x>', 'λ').argParser(number).default(0.1))
  .addOption(new Option('--iterations <n>', 'of each fit').argParser(wholeNumber(1)).default(20))
  .addOption(
    new Option('--steps <n>', 'of conjugate gradients, ours; 0: exact').argParser(wholeNumber(0)).default(3),
  )
  .addOption(repeatOption())
  .addOption(variantOption())
  .addOption(jsonOption())
  .action(async ({ matrix, peer, steps, json, ...rest }) => {
    const rows = await benchAls({
      ...rest,
      conjugateGradientSteps: steps,
      matrices: matrix,
      peerWanted: peer !== undefined,
    })
    print(json, { machine, rows }, describeAls(rows))
  })

bench
  .command('topk')
  .description('exact top k: 1,000 customers of Olist together and one by one; a million items in batches')
  .addOption(peerOption())
  .addOption(new Option('--factors <n>', 'rank').argParser(wholeNumber(1, 1024)).default(64))
  .addOption(new Option('--k <n>', 'results a query').argParser(wholeNumber(1)).default(10))
  .addOption(threadsOption())
  .addOption(new Option('--rounds <n>', 'batches a run').argParser(wholeNumber(1)).default(20))
  .addOption(repeatOption())
  .addOption(variantOption())
  .addOption(jsonOption())
  .action(async ({ peer, json, ...rest }) => {
    const rows = await benchTopK({ ...rest, peerWanted: peer !== undefined })
    const million = []
    for (const threads of rest.threads) million.push(...(await benchMillion({ ...rest, threads })))
    print(json, { machine, rows, million }, [...describeTopK(rows), ...describeMillion(million)])
  })

bench
  .command('products')
  .description('an exact search among ten million products: opening it, its memory, the time of a query')
  .addOption(new Option('--products <n>', 'how many').argParser(wholeNumber(1)).default(10_000_000))
  .addOption(new Option('--factors <n>', 'rank').argParser(wholeNumber(1, 1024)).default(64))
  .addOption(new Option('--k <n>', 'results a query').argParser(wholeNumber(1)).default(10))
  .addOption(threadsOption())
  .addOption(new Option('--rounds <n>', 'searches of each kind').argParser(wholeNumber(1)).default(10))
  .addOption(jsonOption())
  .action(async ({ json, ...options }) => {
    const products = await benchProducts(options)
    print(json, { machine, products }, describeProducts(products))
  })

bench
  .command('product-memory')
  .description('the memory of each product of a model, served, its catalogue grown to a million')
  .requiredOption('--model <file>', 'a model')
  .addOption(new Option('--products <n>', 'how many').argParser(wholeNumber(1)).default(1_000_000))
  .addOption(jsonOption())
  .action(async ({ json, model, products }) => {
    const memory = await benchProductMemory(model, products)
    print(json, { machine, memory }, describeProductMemory(memory))
  })

bench
  .command('proposer')
  .description(
    'how much of a model’s lists a search for inner products alone would find, additions scored after',
  )
  .requiredOption('--model <file>', 'a model')
  .addOption(new Option('--lists <n>', 'customers asked about').argParser(wholeNumber(1)).default(300))
  .addOption(jsonOption())
  .action(async ({ json, model, lists }) => {
    const recall = await benchProposer(model, lists)
    print(json, { machine, recall }, describeProposer(recall))
  })

bench
  .command('serving')
  .description(
    'what a request costs on a model of Olist: fold-in, contributions, nearest products; and opening the core',
  )
  .addOption(new Option('--threads <n>', 'threads').argParser(wholeNumber(1)).default(availableParallelism()))
  .addOption(variantOption())
  .addOption(jsonOption())
  .action(async ({ json, ...rest }) => {
    const serving = await benchServing(rest)
    print(json, { machine, serving }, describeServing(serving))
  })

addScaleCommand(bench, (costs, json) => print(json, { machine, costs }, describeScale(costs)))
addCostsCommand(
  bench,
  (costs, json) => print(json, { machine, costs }, costs ? describeCosts(costs) : []),
  (searches, json) => print(json, { machine, searches }, searches?.flatMap(describeCostSearch) ?? []),
  (fit, json) => print(json, { machine, fit }, fit ? describeCostFit(fit) : []),
)
addServeCommand(bench, (serve, json) => print(json, { machine, serve }, serve ? describeServe(serve) : []))

bench
  .command('evaluation')
  .description('whole evaluations of Olist, all systems; beside them the notebook’s loop of 500 customers')
  .addOption(peerOption())
  .addOption(new Option('--threads <n>', 'threads').argParser(wholeNumber(1)).default(availableParallelism()))
  .addOption(jsonOption())
  .action(async ({ threads, peer, json }) => {
    const evaluation = await benchEvaluation(threads, peer !== undefined)
    print(json, { machine, evaluation }, describeEvaluation(evaluation))
  })

bench
  .command('live')
  .description('events, lists beside them, a retraining beside serving, the swap of a model; over HTTP')
  .option('--data <folder>', 'files of a shop (default: the demo shop)')
  .addOption(new Option('--seconds <n>', 'of each measurement').argParser(number).default(3))
  .addOption(jsonOption())
  .action(async ({ json, ...rest }) => {
    const live = await benchLive(rest)
    print(json, { machine, ...live }, describeLive(live))
  })

bench
  .command('agreement')
  .description('how far lists by the old model and new events agree with those of a retrained model')
  .requiredOption('--data <folder>', 'files of a shop')
  .addOption(
    new Option('--events <list>', 'numbers of new events')
      .argParser(list(wholeNumber(1)))
      .default([100, 1000, 10_000]),
  )
  .addOption(jsonOption())
  .action(async ({ json, ...rest }) => {
    const agreement = await benchAgreement(rest)
    print(json, { machine, agreement }, describeAgreement(agreement))
  })

bench
  .command('histories')
  .description(
    'processor time a list by the length of the history, 1 to 10,000 products; training and opening',
  )
  .option('--data <path>', 'files of a shop (default: one that is made up)')
  .addOption(new Option('--threads <n>', 'threads').argParser(wholeNumber(1)).default(availableParallelism()))
  .addOption(repeatOption())
  .addOption(jsonOption())
  .action(async ({ json, ...rest }) => {
    const histories = await benchHistories(rest)
    print(json, { machine, histories }, describeHistories(histories))
  })

bench
  .command('quality')
  .description(
    'every system beside the default on several data sets: hours; what is done is kept, and skipped by the next run of ' +
      'the same code',
  )
  .addOption(new Option('--data <name...>', 'only these').choices(QUALITY_DATA.map(({ name }) => name)))
  .addOption(
    new Option('--cases <n>', 'ask about so many cases of each trial at most').argParser(wholeNumber(1)),
  )
  .option('--results <folder>', 'where results are kept', 'build/quality')
  .addOption(new Option('--resume', 'skip what is done (the default)').conflicts('fresh'))
  .option('--fresh', 'measure all again')
  .addOption(jsonOption())
  .action(async ({ json, ...options }) => {
    const quality = await benchQuality(options)
    print(json, { machine, ...quality }, describeQuality(quality))
    for (const failure of quality.failures) console.error(`not measured: ${failure}`)
    if (quality.failures.length > 0) process.exitCode = 1
  })

bench
  .command('losses')
  .description(
    'training losses on Olist in 50 factors, and one customer’s best score over ten seeds, beside implicit’s',
  )
  .addOption(new Option('--threads <n>', 'threads').argParser(wholeNumber(1)).default(availableParallelism()))
  .addOption(variantOption())
  .addOption(jsonOption())
  .action(async ({ json, ...rest }) => {
    const losses = await benchLosses(rest)
    print(json, { machine, ...losses }, describeLosses(losses))
  })

bench
  .command('kernels')
  .description('GFLOP/s of each kernel by itself on one thread, and its share of what the processor can do')
  .addOption(new Option('--factors <list>', 'ranks').argParser(list(wholeNumber(4, 1024))).default([64, 128]))
  .addOption(
    new Option('--node <list>', 'other versions of Node, from npm: 22,26')
      .argParser(list(String))
      .default([]),
  )
  .addOption(jsonOption())
  .action(async ({ factors, node, json }) => {
    const rows = await benchKernels(factors, node)
    print(json, { machine, rows }, describeKernels(rows))
  })

bench
  .command('explanations')
  .description(
    'whether explanations say what was computed, whatever a language model writes; and what deferring costs',
  )
  .addOption(
    new Option('--recommendations <n>', 'of each list, at most').argParser(wholeNumber(1)).default(1000),
  )
  .addOption(new Option('--show <n>', 'print so many explanations').argParser(wholeNumber(0)).default(0))
  .addOption(jsonOption())
  .action(async ({ json, ...rest }) => {
    const report = await benchExplanations(rest)
    print(json, { machine, ...report }, describeExplanations(report))
  })

bench
  .command('oracle')
  .description(
    'what bounds the default on Olist’s last orders: what its sources propose, and weights of hindsight',
  )
  .addOption(new Option('--threads <n>', 'threads').argParser(wholeNumber(1)).default(availableParallelism()))
  .addOption(jsonOption())
  .action(async ({ threads, json }) => {
    const oracles = await benchOracle(threads)
    print(json, { machine, oracles }, describeOracles(oracles))
  })

bench
  .command('crossover')
  .description('rows of 1 to 48 entries, solved by an n × n system and by conjugate gradients')
  .addOption(
    new Option('--factors <list>', 'ranks').argParser(list(wholeNumber(48, 1024))).default([64, 128]),
  )
  .addOption(jsonOption())
  .action(async ({ factors, json }) => {
    const rows = await benchCrossover(factors)
    print(json, { machine, rows }, describeCrossover(rows))
  })

await bench.parseAsync()

function print(json: boolean | undefined, result: object, lines: readonly string[]): void {
  console.log(json ? JSON.stringify(result) : lines.join('\n'))
}
