/**
 * A tracer whose own mistakes reach nobody: what it throws, now or as a promise, and a header that is none, is told, and the call or
 * delivery goes on as if nobody traced it. Invariant: nothing here throws, whatever the tracer does; it is other people's code on the
 * way of a live call. Put around every tracer by the service.
 */
import { SwitchhookError } from '../errors.ts'
import { isTraceparent } from './trace-context.ts'
import type { AcceptTrace, DeliverTrace, InvokeTrace, SendTrace, Tracing } from './tracing.ts'

type Safely = <Result>(work: () => Result) => Result | undefined

/** See the head of this file; `onBroken` is told what was thrown. */
export function guarded(tracing: Tracing, onBroken: (error: unknown) => void): Tracing {
  const safely: Safely = (work) => {
    try {
      const result = work()
      // A function that gives a promise is one that gives nothing to TypeScript: what nobody catches would end the process.
      if (result instanceof Promise) result.catch(onBroken)
      return result
    } catch (error) {
      onBroken(error)
      return undefined
    }
  }
  return {
    accept: (...event) => safely(() => guardedAccept(usable(tracing.accept(...event)), safely)),
    invoke: (...call) => safely(() => guardedInvoke(usable(tracing.invoke(...call)), safely)),
    deliver: (...claimed) => safely(() => guardedDeliver(usable(tracing.deliver(...claimed)), safely)),
    kept: (...deliveries) => void safely(() => tracing.kept(...deliveries)),
    close: (atMs) => void safely(() => tracing.close(atMs)),
  }
}

/** What a tracer gave, whose header can be sent; throws where it can't. */
function usable<Trace extends { readonly traceparent: string }>(trace: Trace | undefined): Trace | undefined {
  if (trace === undefined || isTraceparent(trace.traceparent)) return trace
  throw new SwitchhookError('internal', 'the tracer gave a traceparent that is none (W3C Trace Context, 3.2)')
}

function guardedAccept(trace: AcceptTrace | undefined, safely: Safely): AcceptTrace | undefined {
  if (trace?.end === undefined) return trace && { traceparent: trace.traceparent }
  return {
    traceparent: trace.traceparent,
    routed: (...told) => void safely(() => trace.routed?.(...told)),
    end: (...told) => void safely(() => trace.end?.(...told)),
  }
}

function guardedInvoke(trace: InvokeTrace | undefined, safely: Safely): InvokeTrace | undefined {
  return (
    trace && {
      traceparent: trace.traceparent,
      send: (...target) => safely(() => guardedSend(usable(trace.send(...target)), safely)),
      end: (...told) => void safely(() => trace.end(...told)),
    }
  )
}

function guardedSend(trace: SendTrace | undefined, safely: Safely): SendTrace | undefined {
  return trace && { traceparent: trace.traceparent, end: (...told) => void safely(() => trace.end(...told)) }
}

function guardedDeliver(trace: DeliverTrace | undefined, safely: Safely): DeliverTrace | undefined {
  if (trace?.settled === undefined) return trace && { traceparent: trace.traceparent }
  return { traceparent: trace.traceparent, settled: (...told) => void safely(() => trace.settled?.(...told)) }
}
