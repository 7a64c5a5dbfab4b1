// Apart from authentication.ts, whose plugin of yoga a program that checks its libraries would have to read along.
/** The shop's own id of the signed-in customer, from the program's own session; null if there is none. */
export type SignedIn = (request: Request) => string | null | undefined | Promise<string | null | undefined>
