// Reads Chromium's trace: the main thread tasks that painted, and their cost.

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  tdur?: number;
}

/** A frame in which the page ran code: script, style, layout and paint. */
export interface Repaint {
  /** Timestamp in microseconds. */
  at: number;
  /** Main thread time in milliseconds. */
  cost: number;
}

/** The frames of a trace that ran an animation callback, oldest first. */
export function repaints(trace: Buffer): Repaint[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const callbacks = traceEvents.filter(({ name }) => name === 'FireAnimationFrame');
  const [{ pid, tid }] = callbacks;
  const onThread = (event: TraceEvent) => event.pid === pid && event.tid === tid;
  const starts = callbacks.filter(onThread).map(({ ts }) => ts).sort((a, b) => a - b);
  const tasks = traceEvents
    .filter((event) => onThread(event) && event.ph === 'X' && /RunTask$/.test(event.name))
    .sort((a, b) => a.ts - b.ts);
  let next = 0;
  return tasks.flatMap(({ ts, dur = 0, tdur = dur }) => {
    while (next < starts.length && starts[next] < ts) next += 1;
    return next < starts.length && starts[next] <= ts + dur ? [{ at: ts, cost: tdur / 1000 }] : [];
  });
}

/** The percentile of the values. */
export function percentile(values: number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))];
}

/** The median. */
export function median(values: number[]): number {
  return percentile(values, 50);
}
