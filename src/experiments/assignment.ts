/**
 * Assigns customers to arms: SHA-256 of the salt and the customer's id, read as a number from 0 to 1, is compared with
 * the shares of the arms. It can be recomputed from the salt and depends on nothing else about the customer. Customers
 * that the shop knows when the test starts are assigned within their segment, in the order of that number, so that every
 * arm gets its exact share of each segment (stratified randomisation; Kernan et al. 1999,
 * doi:10.1016/S0895-4356(98)00138-3).
 */
import { hash } from 'node:crypto'
import type { Split } from './split.ts'

/** The number of 32-bit numbers in a digest: the first is for the assignment, the others are for replays. */
export const DRAWS_PER_DIGEST = 8

/** A customer's number, at least 0 and below 2³². */
export function drawOf(salt: string, customerId: string): number {
  return digestOf(salt, customerId).readUInt32BE(0)
}

/** All numbers of the customers' digests: for each draw, one number for each customer. */
export function drawsOf(salt: string, customerIds: readonly string[]): Uint32Array[] {
  const draws = Array.from({ length: DRAWS_PER_DIGEST }, () => new Uint32Array(customerIds.length))
  customerIds.forEach((id, customer) => {
    const digest = digestOf(salt, id)
    for (const [draw, numbers] of draws.entries()) numbers[customer] = digest.readUInt32BE(4 * draw)
  })
  return draws
}

/** The arm of a new customer; 0 is the control. @param draw  the number from `drawOf` */
export function armOf(draw: number, split: Split): number {
  return armAt(draw / 2 ** 32, split)
}

/**
 * The arm of each customer.
 * @param draws  by customer
 * @param strata  the customers of each segment, as indices of `draws`; all others are assigned like new customers
 */
export function assignArms(draws: Uint32Array, strata: readonly Uint32Array[], split: Split): Uint8Array {
  const arms = new Uint8Array(draws.length)
  draws.forEach((draw, customer) => (arms[customer] = armOf(draw, split)))
  for (const stratum of strata) {
    const sorted = stratum.toSorted((a, b) => draws[a] - draws[b] || a - b)
    sorted.forEach((customer, place) => (arms[customer] = armAt((place + 0.5) / sorted.length, split)))
  }
  return arms
}

/** The customers of each segment. @param codes  by customer; −1: no segment */
export function strataOf(codes: Int32Array, segments: number): Uint32Array[] {
  const places = Uint32Array.from(codes.keys())
  return Array.from({ length: segments }, (_, segment) => places.filter((i) => codes[i] === segment))
}

function digestOf(salt: string, customerId: string): Buffer {
  return hash('sha256', `${salt}\0${customerId}`, 'buffer')
}

function armAt(position: number, split: Split): number {
  let end = 0
  for (let arm = 0; arm < split.length - 1; arm++) {
    end += split[arm]
    if (position < end) return arm
  }
  return split.length - 1
}
