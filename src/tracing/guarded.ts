/**
 * A tracer whose own mistakes reach nobody: what it throws is told, and the call or delivery goes on as if nobody traced it.
 * Invariant: nothing here throws, whatever the tracer does; it is other people's code on the way of a live call. Put around every
 * tracer by the service.
 */
import type { AcceptTrace, DeliverTrace, InvokeTrace, SendTrace, Tracing } from './tracing.ts'

type Safely = <Result>(work: () => Result) => Result | undefined

/** See the head of this file; `onBroken` is told what was thrown. */
export function guarded(tracing: Tracing, onBroken: (error: unknown) => void): Tracing {
  const safely: Safely = (work) => {
    try {
      return work()
    } catch (error) {
      onBroken(error)
      return undefined
    }
  }
  return {
    accept: (...event) =>
      guardedAccept(
        safely(() => tracing.accept(...event)),
        safely,
      ),
    invoke: (...call) =>
      guardedInvoke(
        safely(() => tracing.invoke(...call)),
        safely,
      ),
    deliver: (...claimed) =>
      guardedDeliver(
        safely(() => tracing.deliver(...claimed)),
        safely,
      ),
    kept: (...deliveries) => void safely(() => tracing.kept(...deliveries)),
  }
}

function guardedAccept(trace: AcceptTrace | undefined, safely: Safely): AcceptTrace | undefined {
  return (
    trace && {
      traceparent: trace.traceparent,
      routed: (...told) => void safely(() => trace.routed(...told)),
      end: (...told) => void safely(() => trace.end(...told)),
    }
  )
}

function guardedInvoke(trace: InvokeTrace | undefined, safely: Safely): InvokeTrace | undefined {
  return (
    trace && {
      traceparent: trace.traceparent,
      send: (...target) =>
        guardedSend(
          safely(() => trace.send(...target)),
          safely,
        ),
      end: (...told) => void safely(() => trace.end(...told)),
    }
  )
}

function guardedSend(trace: SendTrace | undefined, safely: Safely): SendTrace | undefined {
  return trace && { traceparent: trace.traceparent, end: (...told) => void safely(() => trace.end(...told)) }
}

function guardedDeliver(trace: DeliverTrace | undefined, safely: Safely): DeliverTrace | undefined {
  return trace && { traceparent: trace.traceparent, settled: (...told) => void safely(() => trace.settled(...told)) }
}
