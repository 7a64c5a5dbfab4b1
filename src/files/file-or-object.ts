/** What models need of a place, be it on this machine or in object storage (s3://bucket/name). */
import type { BigIntStats } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  isObjectUrl,
  type ObjectState,
  objectsIn,
  objectState,
  removeObject,
  withObjectCopy,
} from './object-storage.ts'

/** The place of a name in a folder. */
export const placeIn = (folder: string, name: string): string =>
  isObjectUrl(folder) ? `${folder.replace(/\/+$/, '')}/${name}` : join(folder, name)

/** Makes a folder that only its owner can read, where there is none yet. Object storage needs none. */
export async function makeFolder(folder: string): Promise<void> {
  if (!isObjectUrl(folder)) await mkdir(folder, { recursive: true, mode: 0o700 })
}

/** The places of all that is in a folder; none if there is no folder. @throws {ObjectStorageError} */
export async function placesIn(folder: string): Promise<string[]> {
  if (isObjectUrl(folder)) return objectsIn(folder)
  return (await readdir(folder).catch(() => [])).map((name) => join(folder, name))
}

/** Removes what is at a place, if there is anything. @throws {ObjectStorageError} */
export async function remove(place: string): Promise<void> {
  await (isObjectUrl(place) ? removeObject(place) : rm(place, { force: true }))
}

/** @returns undefined if there is nothing that can be read @throws {ObjectStorageError} */
export async function stateOf(place: string): Promise<ObjectState | undefined> {
  if (isObjectUrl(place)) return objectState(place)
  const found = await stat(place, { bigint: true }).catch(() => undefined)
  return (
    found && { tag: tagOf(found), modifiedAt: Number(found.ctimeNs / 1_000_000n), bytes: Number(found.size) }
  )
}

const tagOf = ({ ino, size, ctimeNs }: BigIntStats) => `${ino} ${size} ${ctimeNs}`

/**
 * Lets a file of this machine be read, which is a copy where the place is in object storage.
 * @throws {ObjectStorageError}
 */
export const withFile = <Result>(place: string, use: (file: string) => Promise<Result>): Promise<Result> =>
  isObjectUrl(place) ? withObjectCopy(place, use) : use(place)
