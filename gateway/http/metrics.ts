/** Figures for operators in the Prometheus text format, version 0.0.4. */

export const metricsMediaType = 'text/plain; version=0.0.4; charset=utf-8';

/** Counts by one label. */
export interface Counter {
  add(label: string): void;
  values(): ReadonlyMap<string, number>;
}

export function createCounter(): Counter {
  const counts = new Map<string, number>();
  return {
    add: (label) => void counts.set(label, (counts.get(label) ?? 0) + 1),
    values: () => counts,
  };
}

export interface ProcessFigures {
  readonly residentBytes: number;
  readonly uptimeSeconds: number;
}

export interface Figures extends ProcessFigures {
  /** Blocks in the index; undefined before it is open. */
  readonly height: number | undefined;
  readonly requests: Counter;
  readonly verifications: Counter;
}

function formatGauge(name: string, help: string, value: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${value}\n`;
}

/** Labels are status codes and verdicts: nothing in them needs escaping. */
function formatCounter(name: string, help: string, label: string, counter: Counter): string {
  const lines = [...counter.values()].sort().map(([value, count]) => `${name}{${label}="${value}"} ${count}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} counter\n${lines.join('')}`;
}

export function formatMetrics({ residentBytes, uptimeSeconds, height, requests, verifications }: Figures): string {
  return [
    formatGauge('process_resident_memory_bytes', 'Resident memory of the process.', residentBytes),
    formatGauge('process_uptime_seconds', 'Time since the process began.', Math.floor(uptimeSeconds)),
    ...(height === undefined ? [] : [formatGauge('yinxin_ledger_height', 'Blocks in the index.', height)]),
    formatCounter('yinxin_requests_total', 'Requests answered, by status.', 'status', requests),
    formatCounter('yinxin_verifications_total', 'Verifications, by verdict.', 'verdict', verifications),
  ].join('');
}
