import { RequestError } from './request-error.ts'

/** A page of a connection; the document may select more. */
export interface Page {
  /** The position of the page in the connection. */
  readonly pageInfo: {
    /** Whether another page follows. */
    readonly hasNextPage: boolean
    /** The cursor that it begins after. */
    readonly endCursor?: string | null
  }
}

/**
 * The pages of `ask`, one after the other.
 * @throws {RequestError} code STALE_CURSOR if the list changed while it was being read
 */
export async function* pagesOf<Of extends Page>(
  ask: (after: string | null | undefined) => Promise<Of>,
  begin: string | null | undefined,
): AsyncGenerator<Of, void, void> {
  let after = begin
  for (let read = 0; ; read++) {
    const page = await ask(after).catch((error) => {
      if (isStale(error)) error.message = `After ${read} pages: ${error.message}`
      throw error
    })
    yield page
    const { hasNextPage, endCursor } = page.pageInfo
    if (!hasNextPage) return
    if (endCursor == null || endCursor === after) {
      throw new TypeError(
        'Another page follows, but the document does not lead to it: it has to pass $after on to the connection, ' +
          'and ask for pageInfo { hasNextPage endCursor }.',
      )
    }
    after = endCursor
  }
}

function isStale(error: unknown): error is RequestError {
  return error instanceof RequestError && error.codes.includes('STALE_CURSOR')
}
