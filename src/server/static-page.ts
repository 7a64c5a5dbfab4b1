import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** A page that is the same for all clients. */
export interface StaticPage {
  /**
   * Answers a GET: compressed if the client accepts it, and with 304 if it has the page already.
   * @param headers  the headers of the request
   */
  answer(headers: Headers, Answer: typeof Response): Promise<Response>
}

const COMPRESSED = {
  // Level 4 of 11 compresses nine megabytes to two in a fraction of a second.
  br: (bytes: Buffer) =>
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes),
  identity: async (bytes: Buffer) => bytes,
} as const

type Encoding = keyof typeof COMPRESSED

/**
 * A page that is rendered at the first request and compressed once for each encoding. All answers are sent in pieces of
 * the same copy. Browsers cache it and ask whether it has changed.
 */
export function staticPage(render: () => Promise<string>): StaticPage {
  let made: Promise<{ page: Buffer; tag: string }> | undefined
  const compressed = new Map<Encoding, Promise<Buffer>>()

  async function make() {
    const page = Buffer.from(await render())
    return { page, tag: createHash('sha256').update(page).digest('base64url').slice(0, 22) }
  }

  return {
    async answer(headers, Answer) {
      made ??= once(make(), () => (made = undefined))
      const { page, tag } = await made
      const encoding = encodingFor(headers.get('accept-encoding'))
      const etag = `"${tag}-${encoding}"`
      const common = { ETag: etag, 'Cache-Control': 'private, no-cache', Vary: 'Accept, Accept-Encoding' }
      if (isKnown(headers.get('if-none-match'), etag))
        return new Answer(null, { status: 304, headers: common })
      const bytes =
        compressed.get(encoding) ?? once(COMPRESSED[encoding](page), () => compressed.delete(encoding))
      compressed.set(encoding, bytes)
      return new Answer(pieces(await bytes), {
        headers: {
          ...common,
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Length': String((await bytes).byteLength),
          ...(encoding !== 'identity' && { 'Content-Encoding': encoding }),
        },
      })
    },
  }
}

/** The bytes of one piece. */
const PIECE = 64 * 1024

/** A stream of views of one copy: a response of bytes would copy them. */
function pieces(bytes: Buffer): ReadableStream<Uint8Array> {
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.subarray(at, (at += PIECE)))
      else controller.close()
    },
  })
}

function once<Made>(making: Promise<Made>, forget: () => void): Promise<Made> {
  // After a failure the next request tries again.
  making.catch(forget)
  return making
}

/** The smallest encoding that an Accept-Encoding header allows (RFC 9110, 12.5.3); without one, no compression. */
function encodingFor(accepted: string | null): Encoding {
  const qualities = new Map(
    (accepted ?? '').split(',').map((entry) => {
      const [name, weight = ''] = entry.split(';').map((part) => part.trim().toLowerCase())
      return [name, /^q\s*=\s*0(\.0*)?$/.test(weight) ? 0 : 1]
    }),
  )
  const allows = (name: string) => (qualities.get(name) ?? qualities.get('*') ?? 0) > 0
  return (['br', 'gzip'] as const).find(allows) ?? 'identity'
}

function isKnown(known: string | null, etag: string): boolean {
  return (known ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag || tag.trim() === '*')
}
