/** Makes the model files that `npm run bench -- scale` measures, in a process of its own. */
import { openKernels } from '../../../src/kernels/open.ts'
import { configure } from '../../../src/model/configuration.ts'
import { fitModel } from '../../../src/model/fit.ts'
import { writeModel } from '../../../src/model/model-file.ts'
import { itemSideOf, withoutHistories } from '../../../src/model/without-histories.ts'
import { madeUpShop, type ShopSize } from './made-up-shop.ts'

/** What is made, and where. */
export interface MakeSettings extends ShopSize {
  readonly threads: number
  readonly whole: string
  readonly itemSide: string
  readonly sharedOnly: string
}

/** Factors are fitted roughly: how good they are changes nothing of what serving takes. */
const ITERATIONS = 3

/** Nothing is opened here: this process has the memory of training. */
const verify = () => Promise.resolve()

async function make({ threads, whole, itemSide, sharedOnly, ...size }: MakeSettings): Promise<object> {
  const kernels = await openKernels({ threads })
  try {
    const model = await fitModel(madeUpShop(size), configure('default', { iterations: ITERATIONS }), kernels)
    await writeModel(model, whole, { verify })
    await writeModel(itemSideOf(model), itemSide, { verify })
    await writeModel(withoutHistories(model), sharedOnly, { verify })
    return {}
  } finally {
    await kernels.close()
  }
}

console.log(JSON.stringify(await make(JSON.parse(process.argv[2]))))
