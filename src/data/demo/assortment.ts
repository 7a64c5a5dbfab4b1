/** What the made-up shop sells. */
export interface Category {
  readonly english: string
  readonly portuguese: string
  /** Typical price, in the shop's currency. */
  readonly price: number
  /** Typical weight in grams. */
  readonly weight: number
  /** The month in which it sells best, 0 … 11. Absent: it sells the same all year. */
  readonly peak?: number
  /** Six: with twelve adjectives that makes 72 names. */
  readonly nouns: readonly string[]
}

/** Categories that the same people like. */
interface Department {
  /** Four of each style: natural, modern, playful. */
  readonly adjectives: readonly string[]
  readonly categories: readonly Category[]
}

export const EXPLANATION_STYLES = 3

/** A line of adjectives opens a department; its categories: names, price, weight, peak month, nouns. */
const ASSORTMENT = `
Walnut, Oak, Rattan, Linen, Steel, Concrete, Matte black, Brass, Coral, Mint, Mustard, Striped
  Lighting | iluminacao | 70 | 1800 | 11 | desk lamp, floor lamp, pendant light, wall light, table lamp, lantern
  Furniture | moveis | 180 | 12000 | - | side table, bookshelf, stool, armchair, bench, sideboard
  Home decor | decoracao | 35 | 900 | 12 | picture frame, vase, mirror, wall clock, candle holder, storage basket
Bamboo, Beech, Stoneware, Cork, Cast-iron, Chrome, Glass, Titanium, Speckled, Sunny yellow, Polka-dot, Turquoise
  Cookware | panelas | 55 | 2200 | - | frying pan, saucepan, casserole, wok, baking tin, mixing bowl
  Coffee & tea | cafe_e_cha | 45 | 1000 | 12 | coffee maker, teapot, coffee grinder, milk jug, kettle, travel mug
  Tableware | louca | 30 | 800 | - | dinner plate, soup bowl, mug, serving tray, salad bowl, cutlery set
Cedar, Wicker, Hemp, Teak, Galvanised, Graphite, Foldable, Solar, Sky-blue, Tomato-red, Lime, Painted
  Garden tools | ferramentas_de_jardim | 28 | 1500 | 5 | watering can, trowel, pruning shears, rake, hose reel, wheelbarrow
  Pots & planters | vasos_e_plantas | 22 | 2500 | 5 | planter, hanging basket, window box, herb pot, plant stand, seed tray
  Outdoor living | area_externa | 95 | 7000 | 7 | deck chair, parasol, hammock, bird feeder, garden bench, picnic table
Wooden, Recycled, Cork-backed, Felt, Aluminium, Wireless, Ultra-thin, Carbon, Neon, Pastel, Retro, Candy-red
  Audio | audio | 85 | 600 | 11 | headphones, speaker, radio, earbuds, turntable, microphone
  Computer accessories | informatica_acessorios | 48 | 500 | 11 | keyboard, mouse, laptop stand, webcam, monitor arm, USB hub
  Phone accessories | telefonia | 20 | 150 | - | phone case, charger, phone holder, power bank, selfie stick, charging cable
Organic, Merino, Cork, Canvas, Carbon-fibre, Reflective, Lightweight, Aero, Tie-dye, Rainbow, Flamingo, Retro
  Yoga & fitness | fitness | 32 | 1600 | 1 | yoga mat, kettlebell, foam roller, skipping rope, resistance band, gym bag
  Cycling | ciclismo | 42 | 500 | 6 | cycling helmet, saddle bag, bike light, pannier, cycling jersey, bottle cage
  Camping | camping | 75 | 3000 | 7 | tent, sleeping bag, camping stove, headlamp, rucksack, cooler box
Beechwood, Organic cotton, Knitted, Woollen, Magnetic, Modular, Musical, Remote-controlled, Dinosaur, Unicorn, Rainbow, Pirate
  Toys | brinquedos | 30 | 900 | 12 | building blocks, puzzle, toy train, spinning top, play kitchen, board game
  Baby care | bebes | 38 | 700 | - | baby blanket, rattle, changing mat, baby carrier, teether, night light
  School supplies | material_escolar | 16 | 400 | 9 | pencil case, satchel, lunch box, notebook, drawing set, desk tidy
Almond, Oat, Olive, Lavender, Charcoal, Mineral, Clay, Sea-salt, Rose, Vanilla, Coconut, Peach
  Skin care | cuidados_com_a_pele | 24 | 200 | - | face cream, cleansing gel, body lotion, hand cream, face mask, lip balm
  Hair care | cuidados_com_o_cabelo | 18 | 300 | - | shampoo bar, hair oil, conditioner, hair mask, styling paste, dry shampoo
  Bath | banho | 15 | 350 | 12 | bath salts, shower gel, soap bar, bath bomb, bath oil, body scrub
Hemp, Willow, Jute, Felted, Stainless, Waterproof, Quilted, Reflective, Tartan, Polka-dot, Banana-yellow, Paw-print
  Dogs | caes | 34 | 1200 | - | dog bed, dog lead, chew toy, dog coat, feeding bowl, travel crate
  Cats | gatos | 40 | 2500 | - | scratching post, cat tunnel, litter tray, cat cushion, cat fountain, climbing tree
  Small pets | pequenos_animais | 26 | 1500 | - | hamster wheel, rabbit hutch, hay rack, bird perch, playpen, hideaway
`

export const DEPARTMENTS: readonly Department[] = parse(ASSORTMENT.trim().split('\n'))

function parse(lines: readonly string[]): Department[] {
  const departments: { adjectives: string[]; categories: Category[] }[] = []
  for (const line of lines) {
    if (line.startsWith(' ')) departments.at(-1)?.categories.push(parseCategory(line))
    else departments.push({ adjectives: line.split(', '), categories: [] })
  }
  return departments
}

function parseCategory(line: string): Category {
  const [english, portuguese, price, weight, peak, nouns] = line.split('|').map((cell) => cell.trim())
  return {
    english,
    portuguese,
    price: Number(price),
    weight: Number(weight),
    ...(peak !== '-' && { peak: Number(peak) - 1 }),
    nouns: nouns.split(', '),
  }
}
