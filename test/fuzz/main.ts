import { Command, Option } from 'commander'
import { wholeNumber } from '../../src/cli/options.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { fuzzKernels } from '../kernels/fuzz.ts'
import { excesses } from './fuzz-operations.ts'
import { fuzzShop } from './fuzz-shop.ts'

const fuzz = new Command('fuzz').description('Throws random problems at the project.')

fuzz
  .command('kernels')
  .description('random matrices and searches against the plain kernels and a dense elimination')
  .addOption(new Option('--minutes <n>', 'for how long').argParser(wholeNumber(1)).default(30))
  .addOption(
    new Option('--seed <n>', 'of the first round').argParser(wholeNumber(0)).default(Date.now() % 1e9),
  )
  .addHelpText('after', '\nExample:\n  npm run fuzz -- kernels --minutes 5')
  .action(async ({ minutes, seed }: { minutes: number; seed: number }) => {
    const variants = await Promise.all(
      (['simd', 'relaxed-simd'] as const).map((variant) => openKernels({ variant, threads: 2 })),
    )
    const end = Date.now() + minutes * 60_000
    let rounds = 0
    for (; Date.now() < end; rounds++) {
      for (const kernels of variants) await fuzzKernels(kernels, seed + rounds)
      if (rounds % 500 === 499) console.error(`${rounds + 1} rounds, seeds from ${seed}: no difference`)
    }
    console.log(`${rounds} rounds of each variant from seed ${seed}: no difference`)
    await Promise.all(variants.map((kernels) => kernels.close()))
  })

fuzz
  .command('operations')
  .description('random and damaged operations, made from the schema, against a server of a small shop')
  .addOption(new Option('--count <n>', 'how many').argParser(wholeNumber(2)).default(10_000))
  .addOption(
    new Option('--seed <n>', 'of the operations').argParser(wholeNumber(0)).default(Date.now() % 1e9),
  )
  .addHelpText('after', '\nExample:\n  npm run fuzz -- operations --count 1000')
  .action(async ({ count, seed }: { count: number; seed: number }) => {
    const report = await fuzzShop({ count, seed })
    const { statuses, withData, masked, slowestMilliseconds, growth } = report
    const counts = Object.entries(statuses).map(([status, times]) => `${status}: ${times}`)
    console.log(
      `${count} requests from seed ${seed}, all answered (${counts.join(', ')}), ${withData} with data, ${masked} with ` +
        `errors thrown on purpose and masked; slowest ${Math.round(slowestMilliseconds)} ms; memory grew by ` +
        `${(growth / 1e6).toFixed(1)} MB in the second half`,
    )
    const wrong = excesses(report)
    if (wrong.length > 0) throw new Error(`too much: ${wrong.join('; ')}`)
  })

await fuzz.parseAsync()
