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

export interface LedgerFigures {
  /** Blocks in the index. */
  readonly height: number;
  /** Of these, seen to be held by another organisation too. */
  readonly confirmed: number;
  /** Transactions of which nothing counts. */
  readonly voids: number;
}

export interface Figures extends ProcessFigures {
  /** Undefined before the index is open. */
  readonly ledger: LedgerFigures | undefined;
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

function formatLedger({ height, confirmed, voids }: LedgerFigures): readonly string[] {
  return [
    formatGauge('yinxin_ledger_height', 'Blocks in the index.', height),
    formatGauge('yinxin_ledger_confirmed_height', 'Blocks that another organisation holds too.', confirmed),
    formatGauge('yinxin_ledger_void_transactions', 'Transactions that are not what the rules decide.', voids),
  ];
}

export function formatMetrics({ residentBytes, uptimeSeconds, ledger, requests, verifications }: Figures): string {
  return [
    formatGauge('process_resident_memory_bytes', 'Resident memory of the process.', residentBytes),
    formatGauge('process_uptime_seconds', 'Time since the process began.', Math.floor(uptimeSeconds)),
    ...(ledger ? formatLedger(ledger) : []),
    formatCounter('yinxin_requests_total', 'Requests answered, by status.', 'status', requests),
    formatCounter('yinxin_verifications_total', 'Verifications, by verdict.', 'verdict', verifications),
  ].join('');
}
