/**
 * Where recorded evaluations stand in a model file: in its metadata, under a hash of their own, since they come after
 * the training and leave the model, its hash and its version what they were.
 */
import { createHash } from 'node:crypto'
import type { EvaluationSummary } from './evaluation-summary.ts'
import type { Metadata } from './safetensors.ts'
import { SafetensorsError } from './safetensors.ts'

/** What is added to a model's metadata; nothing where nothing was recorded. */
export function evaluationMetadata(
  tensorHash: string,
  evaluations: readonly EvaluationSummary[] = [],
): Metadata {
  if (evaluations.length === 0) return {}
  const text = JSON.stringify(evaluations)
  return { evaluations: text, evaluationsHash: sealOf(tensorHash, text) }
}

/** The metadata as they were when the model was sealed. */
export function withoutEvaluations(metadata: Metadata): Metadata {
  const { evaluations: _, evaluationsHash: __, ...sealed } = metadata
  return sealed
}

/** @throws {SafetensorsError} when evaluations are not as they were written, or not of this model */
export function expectEvaluationsIntact({ tensorHash, evaluations, evaluationsHash }: Metadata): void {
  const seal = evaluations === undefined ? undefined : sealOf(tensorHash, evaluations)
  if (evaluationsHash === seal) return
  throw new SafetensorsError('the SHA-256 of its evaluations is not the one it states')
}

/** SHA-256 (hex) of the evaluations and of the model they belong to. */
function sealOf(tensorHash: string, evaluations: string): string {
  return createHash('sha256').update(`${tensorHash}\n${evaluations}`).digest('hex')
}
