import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { acceptedOf, OFFERED_TYPES } from './media-types.ts'
import type { StaticPage } from './static-page.ts'

/** The methods that are answered. */
export const ALLOWED_METHODS = 'GET, HEAD, POST, OPTIONS'

/**
 * Handles the method and the Accept header: HEAD is answered like GET, without the body; OPTIONS lists the methods;
 * other methods are rejected; the answer has the media type that the client prefers; and browsers that open the address
 * get the page.
 * @param page  null if none is served
 */
export function useRequestForm(page: StaticPage | null): Plugin {
  return {
    async onRequest({ request, setRequest, endResponse, fetchAPI }) {
      const { method, headers } = request
      if (method === 'OPTIONS') {
        endResponse(new fetchAPI.Response(null, { status: 204, headers: { Allow: ALLOWED_METHODS } }))
        return
      }
      if (!['GET', 'HEAD', 'POST'].includes(method)) {
        endResponse(
          refusal(
            fetchAPI.Response,
            405,
            'METHOD_NOT_ALLOWED',
            `${method} is not answered: use GET or POST.`,
            {
              Allow: ALLOWED_METHODS,
            },
          ),
        )
        return
      }
      const { header, wantsPage } = acceptedOf(headers.get('accept'))
      if (page !== null && wantsPage && method !== 'POST') {
        endResponse(await page.answer(headers, fetchAPI.Response))
        return
      }
      if (header === '') {
        const message = `Answers are available as ${OFFERED_TYPES.join(', ')}, not as "${headers.get('accept')}".`
        endResponse(refusal(fetchAPI.Response, 406, 'NOT_ACCEPTABLE', message, { Vary: 'Accept' }))
        return
      }
      if (method === 'HEAD') {
        const { url, signal } = request
        const get = new fetchAPI.Request(url, {
          method: 'GET',
          headers: new fetchAPI.Headers(headers),
          signal,
        })
        get.headers.set('accept', header)
        setRequest(get)
      } else headers.set('accept', header)
    },
  }
}

function refusal(
  Answer: typeof Response,
  status: number,
  code: string,
  message: string,
  headers: Record<string, string>,
): Response {
  const errors = [new GraphQLError(message, { extensions: { code } })]
  return new Answer(JSON.stringify({ errors }), {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
  })
}
