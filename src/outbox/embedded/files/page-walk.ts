/**
 * Reads lmdb's file page by page without lmdb, so that a damaged one is reported instead of crashing the process that maps
 * it. Checks what lmdb itself takes on trust: the two meta pages, and of every page that the latest one reaches its number,
 * kind, bounds and the order of its keys. Layout as in lmdb's `mdb.c` (data format 2, little-endian, 64 bit).
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const MAGIC = 0xbeefc0de
const DATA_FORMATS: readonly number[] = [2, 999]
const HEADER_BYTES = 24
const NODE_BYTES = 8
const BRANCH = 1
const LEAF = 2
const OVERFLOW = 4
const META = 8
const BIG_DATA = 1
const SUB_DATABASE = 2
const NO_PAGE = 2n ** 64n - 1n
const LEAST_PAGE_BYTES = 256
const MOST_PAGE_BYTES = 65_536

/** How far to look: at the meta pages and roots, or at every page. */
export type Depth = 'roots' | 'all'

/** What is wrong with a file, a line each; none: it can be used. */
export function checkDataFile(file: string, depth: Depth): readonly string[] {
  const descriptor = openSync(file, 'r')
  try {
    const walk = new PageWalk(descriptor, fstatSync(descriptor).size)
    return walk.run(depth)
  } finally {
    closeSync(descriptor)
  }
}

/** The meta page that counts. */
interface Meta {
  readonly pageBytes: number
  readonly roots: readonly bigint[]
  readonly lastPage: bigint
  readonly transaction: bigint
}

/** Most complaints that are gathered; a file with more is no use anyway. */
const MOST_PROBLEMS = 20

/** See the head of this file. Used for one file, once. */
class PageWalk {
  readonly #descriptor: number
  readonly #fileBytes: number
  readonly #problems: string[] = []
  readonly #visited = new Set<bigint>()
  #pageBytes = 4096
  #lastPage = 0n

  constructor(descriptor: number, fileBytes: number) {
    this.#descriptor = descriptor
    this.#fileBytes = fileBytes
  }

  run(depth: Depth): readonly string[] {
    const meta = this.#latestMeta()
    if (meta === undefined) return this.#problems
    this.#lastPage = meta.lastPage
    const needed = (Number(meta.lastPage) + 1) * this.#pageBytes
    // Pages at the end that were freed before they were written may be missing; then every page has to be looked at.
    const isShort = this.#fileBytes < needed
    for (const root of meta.roots) this.#tree(root, depth === 'all' || isShort ? 'all' : 'roots')
    if (isShort && this.#problems.length > 0) {
      this.#problems.unshift(
        `the file has ${this.#fileBytes} bytes where its last transaction needs ${needed}: it was cut off`,
      )
    }
    return this.#problems
  }

  #latestMeta(): Meta | undefined {
    if (this.#fileBytes < 2 * LEAST_PAGE_BYTES) {
      this.#problem(`the file has only ${this.#fileBytes} bytes: it was cut off`)
      return undefined
    }
    const first = this.#meta(0)
    if (first === undefined) return undefined
    this.#pageBytes = first.pageBytes
    const second = this.#meta(first.pageBytes)
    if (second === undefined) return undefined
    return second.transaction > first.transaction ? second : first
  }

  #meta(offset: number): Meta | undefined {
    const page = this.#read(offset, HEADER_BYTES + 136)
    if (page === undefined || (page.readUInt16LE(18) & META) === 0 || page.readUInt32LE(HEADER_BYTES) !== MAGIC) {
      return this.#problem(`at byte ${offset} there is no meta page: this is no store, or it is damaged`)
    }
    const format = page.readUInt16LE(HEADER_BYTES + 4)
    if (!DATA_FORMATS.includes(format)) {
      return this.#problem(`the file has lmdb's data format ${format}, known are ${DATA_FORMATS.join(' and ')}`)
    }
    const pageBytes = page.readUInt32LE(48)
    if (pageBytes < LEAST_PAGE_BYTES || pageBytes > MOST_PAGE_BYTES || (pageBytes & (pageBytes - 1)) !== 0) {
      return this.#problem(`pages of ${pageBytes} bytes can't be: the meta page at byte ${offset} is damaged`)
    }
    return {
      pageBytes,
      roots: [page.readBigUInt64LE(48 + 40), page.readBigUInt64LE(96 + 40)],
      lastPage: page.readBigUInt64LE(144),
      transaction: page.readBigUInt64LE(152),
    }
  }

  #tree(root: bigint, depth: Depth): void {
    if (root === NO_PAGE) return
    const open: { readonly number: bigint; readonly low: Buffer | undefined; readonly high: Buffer | undefined }[] = [
      { number: root, low: undefined, high: undefined },
    ]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (this.#problems.length >= MOST_PROBLEMS) return
      const page = this.#page(next.number)
      if (page === undefined) continue
      const flags = page.readUInt16LE(18)
      if ((flags & (BRANCH | LEAF)) === 0) {
        this.#problem(`page ${next.number} is neither branch nor leaf`)
        continue
      }
      const isBranch = (flags & BRANCH) !== 0
      const nodes = this.#nodes(next.number, page, isBranch)
      if (nodes === undefined) continue
      for (const [index, node] of nodes.entries()) {
        if (isBranch) {
          if (depth === 'all') {
            open.push({
              number: node.child,
              low: index === 0 ? next.low : node.key,
              high: nodes[index + 1]?.key ?? next.high,
            })
          }
        } else {
          this.#leafNode(next.number, page, node, depth)
        }
      }
    }
  }

  /** The nodes of a page; undefined where their places can't be. */
  #nodes(number: bigint, page: Buffer, isBranch: boolean): Node[] | undefined {
    const lower = page.readUInt16LE(20)
    const upper = page.readUInt16LE(22)
    const count = lower >> 1
    if (lower > upper || HEADER_BYTES + upper > this.#pageBytes || HEADER_BYTES + lower > this.#pageBytes) {
      return this.#problem(`page ${number} has impossible bounds`)
    }
    const nodes: Node[] = []
    for (let index = 0; index < count; index += 1) {
      const offset = HEADER_BYTES + page.readUInt16LE(HEADER_BYTES + index * 2)
      if (offset < HEADER_BYTES + lower || offset + NODE_BYTES > this.#pageBytes) {
        return this.#problem(`page ${number} has an entry outside of it`)
      }
      const low = page.readUInt32LE(offset)
      const flags = page.readUInt16LE(offset + 4)
      const keyBytes = page.readUInt16LE(offset + 6)
      const dataAt = offset + NODE_BYTES + keyBytes
      if (dataAt > this.#pageBytes) return this.#problem(`page ${number} has a key outside of it`)
      const key = page.subarray(offset + NODE_BYTES, dataAt)
      nodes.push({ key, flags, dataAt, size: low, child: BigInt(low) | (BigInt(flags) << 32n) })
    }
    return this.#areOrdered(nodes, isBranch) ? nodes : this.#problem(`page ${number} has keys out of order`)
  }

  #areOrdered(nodes: readonly Node[], isBranch: boolean): boolean {
    // The table of free pages has native numbers as keys, whose bytes are in no order; its keys are 8 bytes.
    for (let index = isBranch ? 2 : 1; index < nodes.length; index += 1) {
      const [a, b] = [nodes[index - 1]?.key, nodes[index]?.key]
      if (a === undefined || b === undefined) return false
      if (a.length === 8 && b.length === 8) continue
      if (a.compare(b) >= 0) return false
    }
    return true
  }

  #leafNode(number: bigint, page: Buffer, node: Node, depth: Depth): void {
    if ((node.flags & BIG_DATA) !== 0) {
      if (node.dataAt + 8 > this.#pageBytes) this.#problem(`page ${number} has a value outside of it`)
      else if (depth === 'all') this.#overflow(page.readBigUInt64LE(node.dataAt), node.size)
    } else if (node.dataAt + node.size > this.#pageBytes) {
      this.#problem(`page ${number} has a value outside of it`)
    } else if ((node.flags & SUB_DATABASE) !== 0) {
      if (node.size < 48) this.#problem(`page ${number} has a table without a root`)
      else this.#tree(page.readBigUInt64LE(node.dataAt + 40), depth)
    }
  }

  #overflow(number: bigint, valueBytes: number): void {
    const page = this.#page(number)
    if (page === undefined) return
    const pages = page.readUInt32LE(20)
    if ((page.readUInt16LE(18) & OVERFLOW) === 0 || HEADER_BYTES + valueBytes > pages * this.#pageBytes) {
      this.#problem(`page ${number} does not hold the long value that it should`)
    } else if (
      (Number(number) + pages) * this.#pageBytes > this.#fileBytes ||
      number + BigInt(pages) - 1n > this.#lastPage
    ) {
      this.#problem(`the long value at page ${number} goes beyond the end of the file`)
    }
  }

  #page(number: bigint): Buffer | undefined {
    if (number < 2n || number > this.#lastPage)
      return this.#problem(`page ${number} is beyond the last one, ${this.#lastPage}`)
    if (this.#visited.has(number)) return this.#problem(`page ${number} is used twice`)
    this.#visited.add(number)
    const page = this.#read(Number(number) * this.#pageBytes, this.#pageBytes)
    if (page === undefined) return this.#problem(`page ${number} is beyond the end of the file`)
    if (page.readBigUInt64LE(0) !== number)
      return this.#problem(`page ${number} says that it is page ${page.readBigUInt64LE(0)}`)
    return page
  }

  #read(offset: number, bytes: number): Buffer | undefined {
    const buffer = Buffer.alloc(bytes)
    return readSync(this.#descriptor, buffer, 0, bytes, offset) === bytes ? buffer : undefined
  }

  #problem(what: string): undefined {
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(what)
  }
}

/** An entry of a page. */
interface Node {
  readonly key: Buffer
  readonly flags: number
  readonly dataAt: number
  /** Of a leaf's entry: bytes of its value. */
  readonly size: number
  /** Of a branch's entry: the page below. */
  readonly child: bigint
}
