import { describe, test } from 'vitest'
import { openKernels } from '../../src/kernels/open.ts'
import { fuzzKernels } from './fuzz.ts'

describe.each(['simd', 'relaxed-simd'] as const)('the %s kernels', (variant) => {
  test('agree with plain arithmetic on whatever comes', async () => {
    const kernels = await openKernels({ variant, threads: 2 })
    for (let seed = 1; seed <= 30; seed++) await fuzzKernels(kernels, seed)
    await kernels.close()
  })
})
