import { join } from 'node:path'
import { openKernels } from '../../src/kernels/open.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import { runBenchFile } from './child.ts'
import type { EvaluationRun, EvaluationSettings } from './evaluation-run.ts'
import { olistFolder, olistIsThere, purchases, readOlist } from './matrices.ts'
import { writeArrays, writeMatrix } from './matrix-file.ts'
import { peerIsSetUp, runPeer } from './peer.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** The notebook's loop over some customers, in Python: implicit and scikit-learn. */
export interface NotebookLoop {
  /** Fit and loop. */
  readonly seconds: number
  readonly loopSeconds: number
  readonly peakBytes: number | null
  readonly customers: number
  /** Of what it calls held out and never takes from training. */
  readonly hits: number
}

export interface EvaluationBench {
  readonly threads: number
  /** Every system, tuned, on all customers. */
  readonly evaluations: readonly (Omit<EvaluationSettings, 'data' | 'threads'> & EvaluationRun)[]
  readonly notebook?: NotebookLoop
}

const CUSTOMERS = 500

/** Whole evaluations of Olist, with the notebook's loop of 500 customers beside them. */
export async function benchEvaluation(threads: number, peerWanted: boolean): Promise<EvaluationBench> {
  if (!olistIsThere()) return { threads, evaluations: [] }
  const evaluations = []
  for (const protocol of ['last-order', 'temporal'] as const) {
    for (const task of ['discovery', 'next-order'] as const) {
      const settings: EvaluationSettings = { data: olistFolder, protocol, task, threads }
      evaluations.push({
        protocol,
        task,
        ...(await runBenchFile<EvaluationRun>('evaluation-run.ts', settings)),
      })
    }
  }
  const withPeer = peerWanted && peerIsSetUp()
  return { threads, evaluations, ...(withPeer && { notebook: await runNotebook() }) }
}

async function runNotebook(): Promise<NotebookLoop> {
  const folder = temporaryFolder()
  const dataset = await readOlist()
  const kernels = await openKernels()
  // Its six features, as the notebook made them: proved in test/model.
  const { content } = await fitModel(dataset, configure('notebook', { iterations: 1 }), kernels)
  await kernels.close()
  const matrix = join(folder, 'olist.csr')
  const features = join(folder, 'features')
  writeMatrix(matrix, purchases(dataset).matrix)
  writeArrays(features, [Float32Array.from(content.data)])
  const options = { columns: content.columns, customers: CUSTOMERS }
  return runPeer<NotebookLoop>('notebook_loop.py', [matrix, features], options)
}
