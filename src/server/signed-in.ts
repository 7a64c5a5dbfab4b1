/** Who is signed in, by the shop's own id of the customer, as the program knows from its own session; null for nobody. */
export type SignedIn = (request: Request) => string | null | undefined | Promise<string | null | undefined>
