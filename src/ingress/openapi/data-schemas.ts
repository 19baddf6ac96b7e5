/**
 * Schemas of what the API's document speaks of everywhere: JSON values, data points, times, problems. Invariant: each has the
 * type that the code has for it, so that a member that changes there does not compile here.
 */
import { z } from 'zod'
import type { DataPoints, DataValue } from '../../model/data.ts'
import { PROBLEMS, type ProblemName, type ProblemPart } from '../problems.ts'

/** Any JSON. */
export const JSON_VALUE: z.ZodType<DataValue> = z.json()

/** Data points by name. */
export const DATA_POINTS: z.ZodType<DataPoints> = z.record(z.string(), JSON_VALUE)

/** Texts by name. */
export const TEXT_MAP: z.ZodType<Record<string, string>> = z.record(z.string(), z.string())

/** The type of a problem, as clients tell one from another. */
export function problemType(name: ProblemName): string {
  return `urn:switchhook:problem:${name}`
}

/** One mistake among several. */
export const PROBLEM_PART: z.ZodType<ProblemPart> = z.object({
  path: z.string().describe('Where: `data.from`, `query.limit`; empty for all of it'),
  detail: z.string().describe('What is wrong and what would be right'),
  line: z.exactOptional(z.int()).describe('In the text at `path`, from 1'),
  column: z.exactOptional(z.int()).describe('In UTF-16 units, from 1'),
})

/** Members of every problem. */
const PROBLEM_SHAPE = {
  title: z.string().describe('The same for every occurrence'),
  detail: z.string().describe('What is wrong here and what would be right'),
  errors: z.exactOptional(z.array(PROBLEM_PART)).describe('Single mistakes, where they have a path'),
}

/** A problem of any kind. */
export const PROBLEM: z.ZodObject = z.object({
  type: z.enum(problemNames().map(problemType)),
  status: z.int(),
  ...PROBLEM_SHAPE,
})

/** A problem of one of these kinds, with the members of `more` beside its own. */
export function problemSchema(names: readonly ProblemName[], more: z.ZodRawShape): z.ZodObject {
  const statuses = [...new Set(names.map((name) => PROBLEMS[name].status))]
  return z.object({ type: z.enum(names.map(problemType)), status: z.literal(statuses), ...PROBLEM_SHAPE, ...more })
}

/** All names. */
export function problemNames(): readonly ProblemName[] {
  return Object.keys(PROBLEMS).filter(isProblemName)
}

function isProblemName(name: string): name is ProblemName {
  return Object.hasOwn(PROBLEMS, name)
}

/** RFC 3339 text. */
export function time(): z.ZodString {
  return z.string().meta({ format: 'date-time' })
}

/** Milliseconds. */
export function durationMs(): z.ZodNumber {
  return z.number().min(0)
}
