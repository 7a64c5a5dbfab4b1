/** Models on disk: one safetensors file each, replaced as a whole, checked as a whole before anything is used. */
import { open } from 'node:fs/promises'
import { expectEvaluationsIntact, withoutEvaluations } from './evaluation-metadata.ts'
import { hashOf, layoutOf, MODEL_FORMAT, MODEL_FORMAT_VERSION } from './model-tensors.ts'
import type { Model } from './model.ts'
import { replaceFile } from './replace-file.ts'
import type { Metadata } from './safetensors.ts'
import { bytesOf, layOut, readSafetensors, SafetensorsError } from './safetensors.ts'
import { modelFrom } from './stored-model.ts'
import { StoredModelError } from './stored-tensors.ts'

/** A model file that cannot be written, or cannot be used; the message names the file, the fault and the remedy. */
export class ModelFileError extends Error {
  override readonly name = 'ModelFileError'
}

/** What to do about what the file system says; other codes are passed on in its own words. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder: check the path',
  ENOTDIR: 'a part of the path is a file, not a folder: check the path',
  EISDIR: 'it is a folder: name a file',
  EACCES: 'permission denied: change the permissions, or choose another place',
  EPERM: 'permission denied: change the permissions, or choose another place',
  EROFS: 'the file system is read-only: choose another place',
  ENOSPC: 'the disk is full: free some space, or choose another place',
  EDQUOT: 'the disk quota is used up: free some space, or choose another place',
}

/**
 * Writes a model so that `path` holds either the former file or the whole new one, whatever happens on the way.
 * The same model gives the same bytes.
 * @returns the file's size, and its hash as `sha256:…`
 * @throws {ModelFileError} when the file cannot be written
 */
export async function writeModel(
  model: Model,
  path: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<{ bytes: number; hash: string }> {
  try {
    const bytes = await replaceFile(path, bytesOf(layoutOf(model)), signal)
    return { bytes, hash: `sha256:${model.summary.tensorHash}` }
  } catch (error) {
    throw signal?.aborted ? error : fileError(`Cannot write the model ${path}`, error)
  }
}

/**
 * Reads a model; nothing of a damaged or foreign file is used.
 * @throws {ModelFileError} when the file cannot be read, is no model, is damaged, or of another format version
 */
export async function openModel(path: string): Promise<Model> {
  try {
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
  const { code, message } = cause as NodeJS.ErrnoException
  if (code === undefined) return cause
  return new ModelFileError(`${what}: ${REMEDIES[code] ?? message}.`, { cause })
}
