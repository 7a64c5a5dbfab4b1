import { claimWords, type Lexicon, wordSet } from './lexicon.ts'

const BOUGHT = '(?:comprou|adquiriu|pediu|levou)'
const CHOSE = 'escolheu'
const LOOK_AT = 'está (?:agora )?(?:vendo|olhando)'
const MET = `(?:${BOUGHT}|${CHOSE}|${LOOK_AT})`
const YOU = 'você(?: (?:já|também|recentemente|antes))*'

export const PORTUGUESE_LEXICON: Lexicon = {
  neutral: wordSet(`
    o a os as um uma uns umas este esta esse essa isto isso disso aquele aquela ele ela eles elas lhe se seu sua seus
    suas você vocês nosso nossa nós que quem qual quais cujo onde quando como porque pois já
    é são foi foram ser sido sendo está estão estar tem têm ter há pode podem poderia vai
    e ou mas também ainda além só apenas assim então por para pra com sem sobre entre até desde em
    de do da dos das no na nos nas num numa ao à aos às pelo pela pelos pelas deste desta desse dessa neste nesta
    nesse nessa dele dela
    produto produtos item itens loja compra compras comprou compraram comprados escolheu escolheram pediu
    levou levaram adquiriu adquiriram inclui incluem incluiu incluíram histórico motivo motivos razão nenhum
    destaca base talvez
    outro outra próximo primeiro algum alguma algo particular tudo muito bastante especialmente vez tipo
  `),
  claims: claimWords({
    taste: 'gosto gostos costuma costumam geralmente preferência preferências preferem',
    liking: 'gosta gostar gostam gostou gostaram curtem',
    likeness:
      'parecido parecida parecidos parecidas semelhante semelhantes similar similares parece parecem comum',
    sameness: 'ambos mesmo mesma mesmos mesmas compartilha compartilham compartilhando',
    together: 'junto juntos juntas combina combinam combinação',
    order: 'pedido pedidos',
    others:
      'clientes cliente pessoas compradores consumidores outros outras comprar compram escolher escolhem levam',
    category: 'categoria categorias',
    seller: 'vendedor vendedores lojista',
    price: 'preço preços',
    weight: 'peso pesos',
    size: 'tamanho tamanhos dimensões',
    sales:
      'vendeu vendido vendida vendidos vendidas vendas venda vende popular popularidade unidades unidade bem',
    latest: 'último última últimos últimas',
    repetition: 'novamente',
    past: 'antes anterior anteriores anteriormente',
  }),
  harmless: new RegExp(
    `(?<!\\p{L})(?:você (?:pode|poderia|vai)(?: também)? (?:gostar|querer)|você ${LOOK_AT}|seus? pedidos?)(?!\\p{L})`,
    'giu',
  ),
  urging: /^(?:compra|leva|pede)(?!\p{L})/iu,
  recommended: (category) => `(?<!\\p{L})d?este (?:produto|item) da categoria [“"]${category}[”"]`,
  purchased: (category) =>
    `(?<!\\p{L})(?:[dn]?o|um|seu|mesmo|ao|pelo) (?:produto|item) da categoria [“"]${category}[”"]`,
  sharedLabel: (column, label) => `(?<!\\p{L})mesm[oa] ${column}(?: \\(${label}\\)| ${label})?`,
  customers: /^ (?:outr[oa]s )?(?:clientes|pessoas|compradores|consumidores)(?!\p{L})/u,
  orders: /^ (?:outros )?pedidos?(?!\p{L})/u,
  days: /^ dias até ⓓ/u,
  dates: /(?<=\d )dias até ⓓ|(?<!\p{L})até ⓓ|(?<!\p{L})entre ⓓ e ⓓ/gu,
  units: /^ (?:unidades?|vezes|vendas|vendid[oa]s?)(?!\p{L})/u,
  isOfSales: (before, after) =>
    /vend(?:eu|idas|idos|eram) $/i.test(before) ||
    /^ (?:unidades? )?vend(?:as|id[oa]s?)(?!\p{L})/iu.test(after),
  reader: {
    BOUGHT: new RegExp(
      `(?:${YOU} ${BOUGHT}|comprados por você)(?!\\p{L})|(?<!\\p{L})(?:su[ao]s?|seus?) (?:\\p{L}+ )?(?:compras?|pedidos?|histórico)(?!\\p{L})`,
      'iu',
    ),
    CHOSEN: new RegExp(
      `${YOU} ${CHOSE}(?!\\p{L})|(?<!\\p{L})(?:su[ao]s?|seus?) (?:\\p{L}+ )?ⓑ|(?<!\\p{L})como você(?! está)(?!\\p{L})`,
      'iu',
    ),
    LOOKED_AT: new RegExp(`(?<!\\p{L})você ${LOOK_AT}(?!\\p{L})`, 'iu'),
  },
  readerHasIt: new RegExp(
    `${YOU} ${MET} (?:\\d+ unidades )?(?:d?este\\b|ele\\b|ambos\\b|(?:de |do |o )?(?:produto )?ⓟ)|` +
      `ⓟ,? que ${YOU} ${MET}(?!\\p{L})|(?<!\\p{L})seu (?:produto )?ⓟ|sua compra d(?:e|o|este) (?:produto )?ⓟ?|` +
      '(?<!\\p{L})(?:su[ao]s?|seus?) (?:\\p{L}+ )?(?:compras?|pedidos?|histórico) (?:inclu|t[eêi])',
    'iu',
  ),
  purchaseSold: new RegExp(
    `ⓑ,?(?: que ${YOU} ${MET}(?: em ⓜ)?,?)?(?: (?:já|também|é|foi|tem|sido))* (?:vendeu|vendid[oa]|popular)|` +
      '(?:unidades|vendas) d[eo] (?:produto )?ⓑ',
    'iu',
  ),
  numberOf: (digits) => Number(digits.replaceAll('.', '').replace(',', '.')),
}
