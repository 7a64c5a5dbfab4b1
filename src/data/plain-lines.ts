import { DIALECT } from './table.ts'

const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/**
 * Until its first quote, a CSV file is lines that are split at commas. This takes the records up to there by
 * splitting, at an eighth of csv-parse's cost, and yields what csv-parse is to read: everything from the piece with
 * the first quote on, or a last line that has no end.
 * @param take  is given each record; what it throws ends the stream
 */
export async function* takePlainLines(
  chunks: AsyncIterable<Buffer>,
  take: (fields: string[]) => void,
): AsyncGenerator<Buffer> {
  let plain = true
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const bytes = plain ? Buffer.concat([rest, chunk]) : chunk
    plain &&= !chunk.includes('"') && rest.length <= DIALECT.max_record_size
    if (plain) rest = takeLines(bytes, take)
    else yield bytes
  }
  if (plain) yield rest
}

/** Returns what follows the last line end. */
function takeLines(bytes: Buffer, take: (fields: string[]) => void): Buffer {
  let start = 0
  for (;;) {
    const end = bytes.indexOf(LINE_FEED, start)
    if (end < 0) return bytes.subarray(start)
    const stop = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end
    take(bytes.toString('utf8', start, stop).split(','))
    start = end + 1
  }
}
