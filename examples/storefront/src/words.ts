/** Prices are in the shop's currency, which the shop knows: yours may be another. */
const money = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' })
const days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const part = new Intl.NumberFormat('en', { style: 'percent' })

/** A day, such as “31 July 2024”. @param time  as the API writes it */
export const day = (time: string) => days.format(new Date(time))

/** An amount of money, such as “€12.90”. */
export const priced = (amount: number) => money.format(amount)

/** A share of 0 to 1, such as “33%”. */
export const percent = (share: number) => part.format(share)

/** “1 customer”, “12 customers”. */
export const count = (number: number, noun: string) =>
  `${whole.format(number)} ${noun}${number === 1 ? '' : 's'}`

/** “once”, “twice”, “12 times”. */
export const times = (number: number) => ({ 1: 'once', 2: 'twice' })[number] ?? count(number, 'time')

/** What the shop calls a product, else its number. */
export const nameOf = ({ name, sku }: { name: string | null; sku: string }) => name ?? sku

/** “Bed bath table” for “bed_bath_table”. */
export const titled = (label: string) => capital(label.replaceAll('_', ' '))

/** The text with a capital first letter. */
export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
