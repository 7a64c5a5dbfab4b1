import { InvalidArgumentError } from 'commander'

/** A parser of comma-separated values. */
export function list<T>(parse: (text: string) => T): (text: string) => T[] {
  return (text) => text.split(',').map((item) => parse(item.trim()))
}

/** A parser of one of several names. */
export function oneOf<T extends string>(names: readonly T[]): (text: string) => T {
  return (text) => {
    const name = names.find((candidate) => candidate === text)
    if (name === undefined) throw new InvalidArgumentError(`It has to be of ${names.join(', ')}.`)
    return name
  }
}
