/**
 * A number below 2³² as good as random for each whole number: files without times list purchases in some order of their
 * own, by product or by count, and the end of such a list is no sample of it. (The finalizer of MurmurHash3.)
 */
export function mixed(number: number): number {
  let hash = number + 1
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
