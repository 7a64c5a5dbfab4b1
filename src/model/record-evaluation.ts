import type { EvaluationSummary } from './evaluation-summary.ts'
import { evaluationsSchema } from './evaluation-summary.ts'
import { ModelFileError, openModel, writeModel } from './model-file.ts'

/**
 * Adds an evaluation to a model file, and replaces an earlier one of the same protocol and task. The file is replaced
 * as `writeModel` does it; tensors, hash and version stay. The same evaluations give the same bytes, in whatever
 * order
 * they were recorded.
 * @param tensorHash  the hash of the model whose configuration was evaluated
 * @throws {ModelFileError} if the file cannot be opened or written, or now holds another model
 */
export async function recordEvaluation(
  path: string,
  tensorHash: string,
  evaluation: EvaluationSummary,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  // Opened anew: an evaluation takes minutes, in which another may have been recorded, or a model trained.
  const model = await openModel(path)
  if (model.summary.tensorHash !== tensorHash) {
    throw new ModelFileError(
      `Cannot record the evaluation in ${path}: the file holds another model by now, sha256:${model.summary.tensorHash} ` +
        `in place of sha256:${tensorHash}. Evaluate again.`,
    )
  }
  const { evaluations: former = [] } = model.summary
  const others = former.filter((one) => keyOf(one) !== keyOf(evaluation))
  const sorted = [...others, evaluation].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  // What could not be read back would make the whole file useless.
  const evaluations = evaluationsSchema.parse(sorted)
  await writeModel({ ...model, summary: { ...model.summary, evaluations } }, path, options)
}

function keyOf({ protocol, task }: EvaluationSummary): string {
  return `${protocol} ${task}`
}
