import { openKernels } from '../../src/kernels/open.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { describeKernels } from './contract.ts'

describeKernels('the plain TypeScript kernels', async () => referenceKernels())
for (const variant of ['simd', 'relaxed-simd'] as const) {
  for (const threads of [1, 2, 4]) {
    describeKernels(`the ${variant} kernels on ${threads} threads`, () => openKernels({ variant, threads }))
  }
}
