/**
 * Which arm a customer is in: SHA-256 of the salt and the customer's id, as a number from 0 to 1, against the shares of
 * the arms. It can be recomputed from the salt; nothing else about the customer enters. Customers that the shop knows
 * when the test starts are assigned within their segment, in the order of that number, so that every arm gets
 * its share of each segment to the customer (stratified randomisation; Kernan et al. 1999,
 * doi:10.1016/S0895-4356(98)00138-3).
 */
import { hash } from 'node:crypto'
import type { Split } from './split.ts'

/** A digest holds so many numbers of 32 bits: the first is the assignment's, the others serve replays. */
export const DRAWS_PER_DIGEST = 8

/** A customer's number, from 0 up to, not including, 2³². */
export function drawOf(salt: string, customerId: string): number {
  return digestOf(salt, customerId).readUInt32BE(0)
}

/** All numbers of the customers' digests: of each draw one a customer. */
export function drawsOf(salt: string, customerIds: readonly string[]): Uint32Array[] {
  const draws = Array.from({ length: DRAWS_PER_DIGEST }, () => new Uint32Array(customerIds.length))
  customerIds.forEach((id, customer) => {
    const digest = digestOf(salt, id)
    for (const [draw, numbers] of draws.entries()) numbers[customer] = digest.readUInt32BE(4 * draw)
  })
  return draws
}

/** The arm of a customer who comes new, 0 being the control. @param draw  as `drawOf` gives it */
export function armOf(draw: number, split: Split): number {
  return armAt(draw / 2 ** 32, split)
}

/**
 * The arm of each customer.
 * @param draws  by customer
 * @param strata  the customers of each segment, as indices of `draws`; who is in none is assigned as one who comes new
 */
export function assignArms(draws: Uint32Array, strata: readonly Uint32Array[], split: Split): Uint8Array {
  const arms = new Uint8Array(draws.length)
  draws.forEach((draw, customer) => (arms[customer] = armOf(draw, split)))
  for (const stratum of strata) {
    const dealt = stratum.toSorted((a, b) => draws[a] - draws[b] || a - b)
    dealt.forEach((customer, place) => (arms[customer] = armAt((place + 0.5) / dealt.length, split)))
  }
  return arms
}

/** @param codes  by customer; −1: in no segment */
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
