/** Files in S3-compatible object storage, named by URLs such as s3://bucket/models/shop.model. */
import type { S3Client } from '@aws-sdk/client-s3'
import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileProblem } from './file-problems.ts'
import { removeAbandoned, temporaryName } from './temporary-file.ts'

/** An object that cannot be read or written; the message names it, what is wrong and what to do. */
export class ObjectStorageError extends Error {
  override readonly name = 'ObjectStorageError'
  /** The message without the object. */
  readonly problem: string

  constructor(verb: string, url: string, problem: string, options?: ErrorOptions) {
    super(`cannot ${verb} ${url}: ${problem}`, options)
    this.problem = problem
  }
}

/** How long a connection may take, and how long the storage may be silent, in ms. */
const CONNECTION_TIMEOUT = 5000
const SILENCE_TIMEOUT = 60_000

/** In ms. */
const SECOND = 1000

const FORM = /^s3:\/\/([^/]+)\/(.+)$/

/** Whether a path is the URL of an object. */
export const isObjectUrl = (path: string): boolean => path.startsWith('s3://')

/**
 * Copies an object into a temporary file and removes that in the end.
 * @param use  gets the file
 * @throws {ObjectStorageError} if it cannot be read
 */
export async function withObjectCopy<Result>(
  url: string,
  use: (file: string) => Promise<Result>,
): Promise<Result> {
  removeAbandoned(tmpdir())
  const file = temporaryName(tmpdir(), url)
  try {
    await asked(url, 'read', async ({ client, s3, place }) => {
      const { Body } = await client.send(new s3.GetObjectCommand(place))
      await pipeline(Body as Readable, createWriteStream(file, { flags: 'wx', mode: 0o600 }))
    })
    return await use(file)
  } finally {
    await rm(file, { force: true })
  }
}

/**
 * Stores a file as an object, which is replaced as a whole: others read the former one until the last byte has arrived
 * and its SHA-256 is right.
 * @throws {ObjectStorageError} if it cannot be written: the former object is unchanged
 * @throws the reason of an abort
 */
export async function storeObject(file: string, url: string, signal?: AbortSignal): Promise<void> {
  try {
    await asked(url, 'write', async ({ client, place }) => {
      const { Upload } = await import('@aws-sdk/lib-storage')
      // In parts: a single request ends at 5 GB.
      const upload = new Upload({
        client,
        params: { ...place, Body: createReadStream(file), ChecksumAlgorithm: 'SHA256' },
      })
      const abort = () => void upload.abort()
      signal?.addEventListener('abort', abort)
      await upload.done().finally(() => signal?.removeEventListener('abort', abort))
    })
  } catch (error) {
    throw signal?.aborted ? signal.reason : error
  }
}

/** Removes an object, if there is one. @throws {ObjectStorageError} */
export async function removeObject(url: string): Promise<void> {
  await asked(url, 'remove', ({ client, s3, place }) => client.send(new s3.DeleteObjectCommand(place)))
}

/** What is known of an object without reading it. */
export interface ObjectState {
  /** A text that differs when the content does. */
  readonly tag: string
  /** In ms since 1970 UTC. Object storage knows the second: it is the end of that. */
  readonly modifiedAt: number
  readonly bytes: number
}

/** @returns undefined if there is no such object @throws {ObjectStorageError} */
export async function objectState(url: string): Promise<ObjectState | undefined> {
  return asked(url, 'read', async ({ client, s3, place }) => {
    try {
      const { ETag, LastModified, ContentLength } = await client.send(new s3.HeadObjectCommand(place))
      return {
        tag: ETag ?? '',
        modifiedAt: (LastModified?.getTime() ?? 0) + SECOND - 1,
        bytes: ContentLength ?? 0,
      }
    } catch (error) {
      if ((error as Error).name === 'NotFound') return undefined
      throw error
    }
  })
}

/** The URLs of all objects below a folder, which is a URL too. @throws {ObjectStorageError} */
export async function objectsIn(folder: string): Promise<string[]> {
  const below = folder.endsWith('/') ? folder : `${folder}/`
  return asked(below, 'list', async ({ client, s3, place: { Bucket, Key } }) => {
    const urls: string[] = []
    for await (const { Contents } of s3.paginateListObjectsV2({ client }, { Bucket, Prefix: Key }))
      urls.push(...(Contents ?? []).map((object) => `s3://${Bucket}/${object.Key}`))
    return urls
  })
}

interface Asked {
  readonly client: S3Client
  readonly s3: typeof import('@aws-sdk/client-s3')
  readonly place: { readonly Bucket: string; readonly Key: string }
}

let opened: Promise<Pick<Asked, 'client' | 's3'>> | undefined

/** Where the storage is, and who asks, is said by the environment, as other programs that use S3 have it. */
async function openClient(): Promise<Pick<Asked, 'client' | 's3'>> {
  const s3 = await import('@aws-sdk/client-s3')
  const endpoint = process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL']
  const client = new s3.S3Client({
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT, requestTimeout: SILENCE_TIMEOUT },
    // Other servers than Amazon's rarely have a host name for each bucket, or a region.
    ...(endpoint && { endpoint, forcePathStyle: true, region: process.env['AWS_REGION'] ?? 'us-east-1' }),
  })
  return { client, s3 }
}

async function asked<Result>(
  url: string,
  verb: string,
  ask: (asked: Asked) => Promise<Result>,
): Promise<Result> {
  const [, Bucket, Key] = FORM.exec(url) ?? []
  if (Bucket === undefined || Key === undefined)
    throw new ObjectStorageError(verb, url, 'it must look like s3://bucket/name')
  try {
    return await ask({ ...(await (opened ??= openClient())), place: { Bucket, Key } })
  } catch (cause) {
    throw new ObjectStorageError(verb, url, problemOf(cause as NodeJS.ErrnoException, Bucket), { cause })
  }
}

const PROBLEMS: Readonly<Record<string, (bucket: string) => string>> = {
  NoSuchKey: () => 'there is no such object: check the name',
  NoSuchBucket: (bucket) => `there is no bucket ${bucket}: create it, or check the name`,
  AccessDenied: () => 'access is denied: check the rights of the credentials',
  InvalidAccessKeyId: () => 'the access key is unknown: check AWS_ACCESS_KEY_ID',
  SignatureDoesNotMatch: () => 'the secret key is wrong: check AWS_SECRET_ACCESS_KEY',
  CredentialsProviderError: () =>
    'there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile',
}

function problemOf(error: NodeJS.ErrnoException, bucket: string): string {
  // Only who uses object storage installs them.
  if (error.code === 'ERR_MODULE_NOT_FOUND')
    return 'it needs two more packages: npm install @aws-sdk/client-s3 @aws-sdk/lib-storage'
  // Of the copy on this machine.
  if (error.syscall === 'open' || error.syscall === 'write') return `${tmpdir()}: ${fileProblem(error)}`
  const known = PROBLEMS[error.name]
  if (known) return known(bucket)
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } }
  const status = $metadata?.httpStatusCode
  const said = error.message || error.code || error.name
  return `${said}${status === undefined ? '' : ` (status ${status})`}: check the storage, AWS_ENDPOINT_URL and AWS_REGION`
}
