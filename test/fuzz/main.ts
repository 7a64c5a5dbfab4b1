import { Command, Option } from 'commander'
import { wholeNumber } from '../../src/cli/options.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { fuzzKernels } from '../kernels/fuzz.ts'

const fuzz = new Command('fuzz').description('Throws random problems at the project until time is up.')

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

await fuzz.parseAsync()
