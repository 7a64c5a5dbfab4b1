import { readFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import type { instantiate as Instantiate } from '../../build/simd.js'
import { KernelError, type KernelVariant } from './kernels.ts'

/** The compiled core's exports: the ABI of assembly/index.ts, pointers as byte offsets. */
export type KernelExports = Omit<Awaited<ReturnType<typeof Instantiate>>, 'memory'>

export type WasmVariant = Exclude<KernelVariant, 'reference'>

/** Bytes in a WebAssembly page, and the most pages a 32-bit memory can have: 4 GiB. */
export const PAGE_BYTES = 65536
export const MAX_PAGES = 65536

const modules = new Map<WasmVariant, Promise<WebAssembly.Module>>()

/**
 * The smallest module that holds one relaxed instruction (f32x4.relaxed_madd); an engine validates it or not.
 * (func (result v128) (f32x4.relaxed_madd 0 0 0)), each 0 a v128.const.
 */
const RELAXED_PROBE = (() => {
  const zero = [0xfd, 0x0c, ...Array<number>(16).fill(0)]
  const body = [0, ...zero, ...zero, ...zero, 0xfd, 0x85, 0x02, 0x0b]
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
  const types = [1, 5, 1, 0x60, 0, 1, 0x7b]
  const code = [10, body.length + 2, 1, body.length, ...body]
  return new Uint8Array([...header, ...types, 3, 2, 1, 0, ...code])
})()

/** The fastest variant this engine runs. */
export function bestVariant(): WasmVariant {
  return WebAssembly.validate(RELAXED_PROBE) ? 'relaxed-simd' : 'simd'
}

/**
 * The compiled module of a variant; compiled once a process.
 * @throws {KernelError} when it was never built, does not validate here, or is not ours
 */
export function compileKernels(variant: WasmVariant): Promise<WebAssembly.Module> {
  let module = modules.get(variant)
  if (module === undefined) {
    module = compile(variant)
    modules.set(variant, module)
    // A failure must not stick: the next call tries again.
    module.catch(() => modules.delete(variant))
  }
  return module
}

async function compile(variant: WasmVariant): Promise<WebAssembly.Module> {
  const url = new URL(`../../build/${variant}.wasm`, import.meta.url)
  const bytes = await readFile(url).catch(() => {
    throw new KernelError(`${url.pathname} is missing: run "npm run build:wasm"`)
  })
  if (!WebAssembly.validate(bytes)) {
    throw new KernelError(
      `this JavaScript engine cannot run the "${variant}" kernels: choose "simd" or "reference"`,
    )
  }
  const module = await WebAssembly.compile(bytes)
  const imports = WebAssembly.Module.imports(module)
  // Any other import (abort, say) means that managed code crept into the core.
  if (imports.length !== 1 || imports[0]?.module !== 'env' || imports[0].name !== 'memory') {
    throw new KernelError(`${variant}.wasm must import env.memory alone, not ${JSON.stringify(imports)}`)
  }
  return module
}

/** An instance of the module over a memory; cheap, one a thread. */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): KernelExports {
  const instance = new WebAssembly.Instance(module, { env: { memory } })
  return instance.exports as unknown as KernelExports
}

/** What a memory is for, in words for who has to do something where it does not suffice. */
export interface Purpose {
  /** “a fit of 10 users × …”: the subject of a sentence. */
  readonly what: string
  /** “use fewer factors”. */
  readonly advice: string
}

/** What this process may use at most, in bytes: what the machine has, or what it is confined to. */
export function machineMemory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Infinity)
}

/** Why there is no memory of so many bytes. */
export function memoryError(bytes: number, { what, advice }: Purpose, cause?: unknown): KernelError {
  const limit =
    bytes > MAX_PAGES * PAGE_BYTES
      ? 'a WebAssembly memory holds 4 GiB'
      : `this machine does not provide them (it has ${sizeInWords(machineMemory())})`
  return new KernelError(`${what} needs ${sizeInWords(bytes)}, and ${limit}: ${advice}`, { cause })
}

/** Bytes in the unit in which they are more than 1: “3.2 GiB”. */
export function sizeInWords(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`
}

/**
 * A shared memory of at least `bytes`.
 * @throws {KernelError} past 4 GiB, or when the machine has not that much
 */
export function createMemory(bytes: number, purpose: Purpose, maximumPages = MAX_PAGES): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE_BYTES)
  if (pages > MAX_PAGES) throw memoryError(bytes, purpose)
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: Math.max(pages, maximumPages), shared: true })
  } catch (cause) {
    throw memoryError(bytes, purpose, cause)
  }
}
