/**
 * The memory of request bodies, which lies outside of V8's heap. V8 knows how much there is and collects its whole heap, with
 * everything standing still, whenever that has grown by some tens of MiB; seven bodies of 1 MiB did it. So what is of no
 * use any more is given back at once instead of being left to it. Used by the body reader.
 */

/** Smaller buffers are left to V8: thousands of them are not worth a collection. */
const GIVEN_BACK_BYTES = 4096

/** Gives back the memory of `bytes`, which have length 0 from then on. Those that share theirs with others are left alone. */
export function giveBack(bytes: Uint8Array): void {
  if (bytes.byteLength >= GIVEN_BACK_BYTES) wholeBufferOf(bytes)?.transfer(0)
}

/** `bytes` with a memory that nothing else lies in, as it can be handed to another thread; a copy where they share theirs. */
export function withOwnMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const buffer = wholeBufferOf(bytes)
  return buffer === undefined ? new Uint8Array(bytes) : new Uint8Array(buffer)
}

/** Small buffers are parts of a larger one. */
function wholeBufferOf({ buffer, byteLength }: Uint8Array): ArrayBuffer | undefined {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? buffer : undefined
}
