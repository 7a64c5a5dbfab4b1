import { claimWords, type Lexicon, wordSet } from './lexicon.ts'

const BOUGHT = '(?:bought|purchased|ordered|got)'
const CHOSE = '(?:chose|chosen|picked|selected)'
const LOOK_AT = 'are (?:now |just )?(?:looking at|viewing)'
const MET = `(?:${BOUGHT}|${CHOSE}|${LOOK_AT})`
const YOU = "\\byou(?:['’]ve)?(?: (?:have|had|also|already|recently|once|previously|just))*"

export const ENGLISH_LEXICON: Lexicon = {
  neutral: wordSet(`
    a an the this that these those it its it's it’s they them their you your you've you’ve you'll you’ll you'd you’d
    we we've we’ve our us who which what whose one ones there here
    is are was were be been being am has have had having do does did done can could may might will
    and or but as at by for from in into of on over to up with within than so if when where while because since due
    then thus therefore besides plus even only also too
    product products item items shop store purchase purchases purchased bought buying
    chose chosen choosing ordered picked got choice choices history selected
    included includes held reason reasons why seeing based given appear appears appeared falls belongs went on
    shown show shows perhaps maybe possibly another other next first way some any such speaks speak particular nothing
    much very quite really especially kind something thing things
  `),
  claims: claimWords({
    taste: 'taste tastes tend tends usually often preference preferences prefer',
    liking: 'like likes liked liking enjoy enjoys enjoyed appreciate',
    likeness: 'similar similarly resembles resemble resembling alike common',
    sameness: 'same share shares shared sharing match matches matching both',
    together: 'together alongside combine combined combination pair pairs paired',
    order: 'order orders',
    others:
      'customers customer people shoppers shopper buyers buyer others buy buys choose chooses pick picks',
    category: 'category categories',
    seller: 'seller sellers',
    price: 'price prices priced pricing',
    weight: 'weight weigh weighs',
    size: 'size sizes sized dimensions',
    sales: 'sold sell sells selling sales sale popular popularity units unit well',
    latest: 'last',
    repetition: 'again already',
    past: 'before past previous previously earlier',
  }),
  harmless: new RegExp(
    "\\byou(?: may| might| could| will|['’]ll)(?: also)? (?:like|enjoy|appreciate|want)\\b|\\bcomes? from\\b|" +
      `\\byou ${LOOK_AT}\\b|\\byour (?:(?:past|previous|earlier) )?orders?\\b`,
    'giu',
  ),
  urging: /(?:^|[,;:–—-] ?|\b(?:so|and|then|now|just) )(?:buy|choose|pick|order|get)\b/iu,
  recommended: (category) => `\\b(?:this|our) ${category} (?:product|item)\\b`,
  purchased: (category) => `\\b(?:the|that|a|an|your|same|one) ${category} (?:product|item|purchase)s?\\b`,
  sharedLabel: (column, label) => `\\bsame ${column}(?: \\(${label}\\)| ${label})?`,
  customers: /^ (?:other )?(?:customers|people|shoppers|buyers|others)\b/,
  orders: /^ (?:other )?orders?\b/,
  days: /^ days (?:up )?to ⓓ/,
  dates: /(?<=\d )days (?:up )?to ⓓ|\b(?:by|up to) ⓓ|\bbetween ⓓ and ⓓ/gu,
  units: /^ (?:units?|items?|times|sold|sales)\b/,
  isOfSales: (before, after) =>
    /\b(?:sold|selling) $/i.test(before) ||
    /^ (?:units? )?(?:(?:were|was|have been) )?sold\b|^ sales\b/i.test(after),
  reader: {
    BOUGHT: new RegExp(
      `(?:${YOU} ${BOUGHT}|${BOUGHT} by you)\\b|\\byour (?:\\w+ )?(?:purchases?|orders?|history)\\b`,
      'i',
    ),
    CHOSEN: new RegExp(
      `(?:${YOU} ${CHOSE}|${CHOSE} by you)\\b|\\byour (?:\\w+ )?(?:choices?\\b|ⓑ)|\\byou did\\b|\\blike you\\b`,
      'i',
    ),
    LOOKED_AT: new RegExp(`\\byou ${LOOK_AT}\\b`, 'i'),
  },
  readerHasIt: new RegExp(
    `${YOU} ${MET} (?:\\d+ units of )?(?:this\\b|it\\b|both\\b|them\\b|(?:the )?ⓟ)|ⓟ,?(?: (?:which|that))? ${YOU.slice(2)} ${MET}\\b|` +
      '\\byour (?:purchase|order) of (?:this|it|ⓟ)|\\byour ⓟ|\\byour (?:\\w+ )?(?:purchases?|orders?|history) (?:include|held|ha)',
    'i',
  ),
  purchaseSold: new RegExp(
    `ⓑ,?(?: (?:which |that )?${YOU.slice(2)} ${MET}(?: in ⓜ)?,?)?(?: (?:has|have|had|is|are|was|also|been))* ` +
      '(?:sold|sells|selling|popular)|(?:units|sales) of (?:the |your )?ⓑ',
    'i',
  ),
  numberOf: (digits) => Number(digits.replaceAll(',', '')),
}
