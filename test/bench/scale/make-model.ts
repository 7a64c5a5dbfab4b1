/** Makes the model file that `npm run bench -- scale` measures, in a process of its own. */
import { openKernels } from '../../../src/kernels/open.ts'
import { configure } from '../../../src/model/configuration.ts'
import { fitModel } from '../../../src/model/fit.ts'
import { writeModel } from '../../../src/model/model-file.ts'
import { withoutHistories } from '../../../src/model/without-histories.ts'
import { madeUpShop, type ShopSize } from './made-up-shop.ts'

/** What is made, and where. */
export interface MakeSettings extends ShopSize {
  readonly threads: number
  readonly whole: string
  readonly itemSide: string
}

/** How large the files became. */
export interface MadeModels {
  readonly wholeBytes: number
  readonly itemSideBytes: number
}

/** Factors are fitted roughly: how good they are changes nothing of what serving takes. */
const ITERATIONS = 3

/** Nothing is opened here: this process has the memory of training. */
const verify = () => Promise.resolve()

async function make({ threads, whole, itemSide, ...size }: MakeSettings): Promise<MadeModels> {
  const kernels = await openKernels({ threads })
  try {
    const model = await fitModel(madeUpShop(size), configure('default', { iterations: ITERATIONS }), kernels)
    const { bytes: wholeBytes } = await writeModel(model, whole, { verify })
    const { bytes: itemSideBytes } = await writeModel(withoutHistories(model), itemSide, { verify })
    return { wholeBytes, itemSideBytes }
  } finally {
    await kernels.close()
  }
}

console.log(JSON.stringify(await make(JSON.parse(process.argv[2]))))
