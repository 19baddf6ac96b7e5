/**
 * Bodies of JSON in UTF-8, whatever they came in: other charsets have bytes that look like brackets or line feeds inside of
 * characters. Forms keep theirs, which their percent-encoded bytes are in as well.
 * Called by the routes that take events.
 */
import { giveBack } from '../body/body-memory.ts'
import { utf8Decoder } from '../body/charset.ts'
import type { LoopTurns } from '../body/loop-turns.ts'
import { transcode, transcodeRoom } from '../body/transcode.ts'
import type { Carriage } from './event-reader.ts'

/** A body, and how it carries its events. */
export interface CarriedBody {
  readonly bytes: Buffer
  readonly carriage: Carriage
}

/** Hands a body to `use` that is in UTF-8 where it is JSON; its memory is given back when `use` has ended. */
export async function withUtf8<Result>(
  body: CarriedBody,
  turns: LoopTurns,
  onReplaced: (count: number) => void,
  use: (body: CarriedBody) => Result | Promise<Result>,
): Promise<Result> {
  const { bytes, carriage } = body
  const { form, charset } = carriage
  if (charset.isUtf8 || form === 'points-form') return await use(body)
  const room = transcodeRoom(bytes.length)
  try {
    const length = await turns.drive(transcode(bytes, charset.label, room, onReplaced))
    const utf8 = { isUtf8: true, decode: utf8Decoder(onReplaced) } as const
    return await use({ bytes: room.subarray(0, length), carriage: { ...carriage, charset: utf8 } })
  } finally {
    giveBack(room)
  }
}
