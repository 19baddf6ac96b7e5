/**
 * All kinds of calls that are told, in the order in which they are played.
 */
import { BALANCE } from './balance.ts'
import { LOGIN } from './login.ts'
import { PIN_CHECK } from './pin-check.ts'
import { PROMO } from './promo.ts'
import { SALES } from './sales.ts'
import type { Scenario } from './scenario.ts'
import { SURVEY } from './survey.ts'
import { TROUBLE } from './trouble.ts'

/** See the head of this file. */
export const SCENARIOS: readonly [Scenario, ...Scenario[]] = [SURVEY, LOGIN, SALES, BALANCE, PIN_CHECK, PROMO, TROUBLE]
