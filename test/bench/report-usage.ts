/** Loaded before a program that is measured: writes what it used, as the system counts it, when it ends. */
import { writeFileSync } from 'node:fs';
import process from 'node:process';

export interface Usage {
  /** CPU of all its threads, in µs. */
  readonly cpuMicroseconds: number;
  /** Highest resident memory, in bytes. */
  readonly peakBytes: number;
}

const path = process.env['YINXIN_BENCH_USAGE'];
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  const usage: Usage = { cpuMicroseconds: user + system, peakBytes: process.resourceUsage().maxRSS * 1024 };
  if (path !== undefined) writeFileSync(path, JSON.stringify(usage));
});
