import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { CategoricalColumn } from '../../src/data/dataset.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import { purchases } from './matrices.ts'
import { writeArrays, writeMatrix } from './matrix-file.ts'
import { peersFolder, peersPython, runPeer } from './peer.ts'
import { CUSTOMER } from './serve-load.ts'
import { freePort, startProcess } from './serve-process.ts'
import type { ServedShop } from './serve-shop.ts'
import type { System } from './serve-system.ts'

/** What is fitted once for both variants. */
export interface RestModel {
  readonly pickle: string
  readonly version: string
  readonly seconds: number
}

export type RestVariant = 'notebook' | 'precomputed'

/** Fits what the service serves, from the same orders and the features of our preset `notebook`. */
export async function fitRestModel({ dataset }: ServedShop, folder: string): Promise<RestModel> {
  const began = performance.now()
  const kernels = await openKernels()
  // Its six features, as the notebook made them: proved in test/model.
  const model = await fitModel(dataset, configure('notebook', { iterations: 1 }), kernels)
  await kernels.close()
  const { matrix, rowOf } = purchases(dataset)
  const file = (name: string) => join(folder, name)
  writeMatrix(file('rest-matrix'), matrix)
  writeArrays(file('rest-features'), [Float32Array.from(model.content.data)])
  const customers = [...rowOf.keys()].filter((customer) => rowOf[customer] >= 0)
  customers.sort((a, b) => rowOf[a] - rowOf[b])
  const products = Array.from({ length: dataset.products.size }, (_, product) => product)
  const shop = {
    customers: customers.map((customer) => dataset.customers.at(customer)),
    products: products.map((product) => dataset.products.at(product)),
    categories: products.map((product) => labelOf(model.category, product)),
    segments: customers.map((customer) => labelOf(model.segments, customer)),
    profiles: Object.fromEntries(model.segmentProfiles.map(({ name, ...profile }) => [name, profile])),
  }
  writeFileSync(file('rest-shop'), JSON.stringify(shop))
  const { version } = await runPeer<{ version: string }>(
    'rest_model.py',
    [file('rest-matrix'), file('rest-features'), file('rest-shop'), file('rest-pickle')],
    { columns: model.content.columns },
  )
  return { pickle: file('rest-pickle'), version, seconds: (performance.now() - began) / 1000 }
}

/** The service, as uvicorn runs it: one process; of the precomputed variant one a core. */
export async function startRest(model: RestModel, variant: RestVariant, folder: string): Promise<System> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const workers = variant === 'notebook' ? 1 : availableParallelism()
  const options = ['--app-dir', peersFolder, '--port', `${port}`, '--workers', `${workers}`]
  const server = await startProcess(
    {
      program: peersPython,
      args: ['-m', 'uvicorn', 'rest_service:app', '--no-access-log', ...options],
      environment: {
        SERVICE_PICKLE: model.pickle,
        SERVICE_VARIANT: variant,
        OPENBLAS_NUM_THREADS: '1',
        PYTHONDONTWRITEBYTECODE: '1',
      },
      log: join(folder, `rest-${variant}.log`),
    },
    async () => (await fetch(`${url}/customers`)).ok,
    120,
  )
  return {
    ...server,
    name: `REST, ${variant === 'notebook' ? 'as the notebook computes' : `neighbours in a table, ${workers} workers`}`,
    version: `FastAPI, implicit ${model.version}, scikit-learn`,
    answers: 'ids, categories, scores',
    question: {
      url: `${url}/recommendations/${CUSTOMER}?n=10`,
      expected: { at: ['recommendations'], length: 10 },
    },
    secondsToReady: model.seconds + server.secondsToAnswer,
  }
}

function labelOf({ labels, codes }: CategoricalColumn, index: number): string | null {
  return labels[codes[index]] ?? null
}
