import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generateShop } from '../../src/data/demo-shop.ts'
import { readDataset } from '../../src/data/read.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import { writeModel } from '../../src/model/model-file.ts'
import { runChild } from '../child-process.ts'
import { temporaryFolder } from '../cli/program.ts'

test('after 20 swaps a server holds at most a tenth more memory than before', async () => {
  const folder = temporaryFolder()
  const directory = join(folder, 'shop')
  await generateShop({ directory, customers: 1500, products: 1500, seed: 3 })
  const dataset = await readDataset(directory)
  const files = ['a.model', 'b.model'].map((name) => join(folder, name))
  for (const [i, file] of files.entries()) {
    const configuration = configure('default', { factors: 64, iterations: 1 + i, easeProducts: 0 })
    await writeModel(await fitModel(dataset, configuration, referenceKernels()), file)
  }
  const script = fileURLToPath(new URL('./swapping-process.ts', import.meta.url))
  const { stdout } = await runChild(process.execPath, ['--expose-gc', script, ...files])
  const { before, after } = JSON.parse(stdout) as { before: number; after: number }
  expect(after).toBeLessThan(1.1 * before)
})
