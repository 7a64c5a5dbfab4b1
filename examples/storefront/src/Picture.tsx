import type { CSSProperties } from 'react'

interface Pictured {
  sku: string
  category: string | null
  imageUrl: string | null
}

/** The shop's picture of a product, from its catalogue; without one, a drawn one. */
export function Picture({ imageUrl, ...product }: Pictured) {
  return imageUrl === null ? <Drawing {...product} /> : <img className="picture" src={imageUrl} alt="" />
}

/** Shapes that differ by product, in a colour that differs by category. */
function Drawing({ sku, category }: Omit<Pictured, 'imageUrl'>) {
  const dice = hash(sku)
  const side = dice % 2 === 0 ? 24 : -24
  const half = from(14, 22, dice >>> 4)
  const left = from(34, 86, dice >>> 8) - half
  const wall = from(6, 32, dice >>> 12)
  return (
    <svg
      className="picture"
      viewBox="0 0 120 90"
      preserveAspectRatio="xMidYMid slice"
      style={{ '--hue': hash(category ?? '') % 360 } as CSSProperties}
      aria-hidden="true"
    >
      <circle cx={60 + side} cy={from(20, 32, dice >>> 16)} r={from(10, 18, dice >>> 20)} />
      <path d={`M${left} 90v-${wall}a${half} ${half} 0 0 1 ${2 * half} 0v${wall}z`} />
      <ellipse cx={60 - side} cy="92" rx={from(34, 50, dice >>> 22)} ry={from(12, 24, dice >>> 24)} />
    </svg>
  )
}

const from = (least: number, most: number, dice: number) => least + (dice % (most - least + 1))

/** FNV-1a, mixed once more: 0 to 2³² - 1. */
function hash(text: string): number {
  let bits = 0x811c9dc5
  for (const letter of text) bits = Math.imul(bits ^ letter.charCodeAt(0), 0x01000193)
  return Math.imul(bits ^ (bits >>> 15), 0x85ebca6b) >>> 0
}
