// In its own file, so that a program with type checks of libraries does not have to load yoga's types.
/** Finds the shop's own id of the signed-in customer, from the program's session; null if nobody is signed in. */
export type SignedIn = (request: Request) => string | null | undefined | Promise<string | null | undefined>
