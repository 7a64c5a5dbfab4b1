import { join } from 'node:path'
import { generateShop } from '../../src/data/demo-shop.ts'
import { rationaleJson, temporaryFolder } from './program.ts'

/** A small made-up shop in a folder that lives as long as the test file. */
export async function smallShop(): Promise<string> {
  const directory = join(temporaryFolder(), 'shop')
  await generateShop({ directory, customers: 200, products: 60, seed: 5 })
  return directory
}

/** A model of `shop`, trained by the program itself. */
export async function trainedModel(shop: string): Promise<string> {
  const file = join(temporaryFolder(), 'shop.model')
  await rationaleJson(`train --data ${shop} --model ${file} --factors 8 --iterations 5`)
  return file
}
