/** Models on disk: one safetensors file each, replaced as a whole, checked as a whole before anything is used. */
import { open, stat } from 'node:fs/promises'
import { fileProblem } from '../files/file-problems.ts'
import { type ReplaceOptions, replaceFile } from '../files/output-file.ts'
import { OutputFileError } from '../files/output-place.ts'
import { expectEvaluationsIntact, withoutEvaluations } from './evaluation-metadata.ts'
import { hashOf, layoutOf, MODEL_FORMAT, MODEL_FORMAT_VERSION } from './model-tensors.ts'
import type { Model } from './model.ts'
import type { Metadata } from './safetensors.ts'
import { bytesOf, layOut, readSafetensors, SafetensorsError } from './safetensors.ts'
import { modelFrom } from './stored-model.ts'
import { StoredModelError } from './stored-tensors.ts'

/** A model file that cannot be written, or cannot be used; the message names the file, the fault and the remedy. */
export class ModelFileError extends Error {
  override readonly name = 'ModelFileError'
}

/**
 * Writes a model so that `path` holds either the former file or the whole new one, whatever happens on the way. It
 * holds what customers bought: a new file is for its owner alone.
 * The same model gives the same bytes.
 * @param options  `verify` is shown the complete file before it takes its name, and throws where it is of no use; left
 *   out: it is opened
 * @returns the file's size, and its hash as `sha256:…`
 * @throws {ModelFileError} when the file cannot be written, or not be used: the former one stays as it was
 */
export async function writeModel(
  model: Model,
  path: string,
  { signal, verify = opens }: Pick<ReplaceOptions, 'signal' | 'verify'> = {},
): Promise<{ bytes: number; hash: string }> {
  try {
    const bytes = await replaceFile(path, bytesOf(layoutOf(model)), {
      confidential: true,
      verify: (temporary) => verify(temporary).catch((error) => Promise.reject(unusable(path, error))),
      ...(signal && { signal }),
    })
    return { bytes, hash: `sha256:${model.summary.tensorHash}` }
  } catch (error) {
    throw signal?.aborted ? error : fileError(`Cannot write the model ${path}`, error)
  }
}

async function opens(path: string): Promise<void> {
  await openModel(path)
}

function unusable(path: string, cause: Error): ModelFileError {
  return new ModelFileError(
    `Cannot write the model ${path}: what was written is of no use (${cause.message}). A former file stays as it was; ` +
      'please report this, and train on other data.',
    { cause },
  )
}

/**
 * Reads a model; nothing of a damaged or foreign file is used.
 * @throws {ModelFileError} when the file cannot be read, is no model, is damaged, or of another format version
 */
export async function openModel(path: string): Promise<Model> {
  try {
    // Opening a named pipe would wait for a writer for ever.
    const found = await stat(path)
    if (!found.isFile() && !found.isDirectory()) throw new SafetensorsError('it is no regular file')
    const file = await open(path, 'r')
    try {
      const { tensors, metadata } = await readSafetensors(file, expectModel)
      const { tensorHash, ...rest } = withoutEvaluations(metadata)
      if (hashOf(layOut(tensors, rest)) !== tensorHash)
        throw new SafetensorsError('its SHA-256 is not the one it states')
      expectEvaluationsIntact(metadata)
      return modelFrom(tensors, metadata)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw fileError(`Cannot open the model ${path}`, error)
  }
}

function expectModel({ format, formatVersion }: Metadata): void {
  if (format !== MODEL_FORMAT) throw new SafetensorsError('it is a safetensors file, but no Rationale model')
  if (formatVersion === String(MODEL_FORMAT_VERSION)) return
  throw new SafetensorsError(
    `it has the format version ${formatVersion}, and this version of Rationale reads ${MODEL_FORMAT_VERSION}`,
  )
}

function fileError(what: string, cause: unknown): unknown {
  if (cause instanceof SafetensorsError || cause instanceof StoredModelError) {
    const remedy = 'It is damaged, or not a model of this version: train it again with `rationale train`.'
    return new ModelFileError(`${what}: ${cause.message}. ${remedy}`, { cause })
  }
  if (cause instanceof OutputFileError) return new ModelFileError(`${what}: ${cause.problem}.`, { cause })
  if ((cause as NodeJS.ErrnoException).code === undefined) return cause
  return new ModelFileError(`${what}: ${fileProblem(cause as Error)}.`, { cause })
}
