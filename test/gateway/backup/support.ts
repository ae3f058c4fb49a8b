/** A gateway of the tests with something issued, its backups, and a restore of them. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BackupAnswer, type CertificateFile, toInstant } from '@yinxin/core';
import { type RestoredFolder, restoreBackup } from '../../../gateway/backup/restoring.ts';
import type { Catalogue } from '../../../gateway/demo/catalogue.ts';
import { bases } from '../../../gateway/demo/plan.ts';
import { inventValues } from '../../../gateway/demo/values.ts';
import { type Answer, type Api, apiOf, member } from '../../fixtures/api.ts';
import { loadType } from '../../fixtures/certificates.ts';
import { market, startTestGateway, type TestGateway } from '../../fixtures/gateway.ts';

export const now = () => toInstant(Math.floor(Date.now() / 1000));

/** Folders of a suite, removed after it. */
export function useFolders(): () => string {
  const folders: string[] = [];
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'yinxin-backup-'));
    folders.push(folder);
    return folder;
  };
}

export const passphraseOf = (home: string) => readFileSync(join(home, 'passphrase'), 'utf8').trim();

export const backupPath = ({ home }: { readonly home: string }, { name }: { readonly name: string }) =>
  join(home, 'backups', `${name}.backup`);

/** The data folder, and what was proved of it. */
export async function restoreTo(
  folder: string,
  path: string,
  passphrase: string,
): Promise<{ readonly home: string; readonly restored: RestoredFolder }> {
  const home = join(folder, `restored-${randomBytes(4).toString('hex')}`);
  const options = { backup: path, folder: home, passphrase, clock: now, report: () => undefined };
  const restored = await restoreBackup({ ...options, random: (bytes) => randomBytes(bytes) });
  return { home, restored };
}

export interface Clerk {
  readonly api: Api;
  /** Identifiers in row order. */
  issue(rows: number, type?: string): Promise<readonly string[]>;
  suspend(identifier: string): Promise<void>;
  verdict(identifier: string): Promise<string>;
}

/** In every certificate of these tests, and nowhere else. */
export const marked = { legalRepresentative: '欧阳示范甲乙' } as const;

let requests = 0;

/** The operator of the market body, over HTTP. */
export async function openClerk(gateway: Pick<TestGateway, 'url' | 'home'>): Promise<Clerk> {
  const api = apiOf(gateway);
  const token = await api.token(market);
  const headers = () => {
    requests += 1;
    return { 'idempotency-key': `backup-${process.pid}-${requests}` };
  };
  async function post(path: string, body: object): Promise<Answer> {
    const answer = await api.post(path, body, { token, headers: headers() });
    if (answer.status !== 201) throw new Error(answer.text);
    return answer;
  }
  return {
    api,
    async issue(rows, name = 'business-licence') {
      const type = loadType(name);
      const values = (at: number) => ({ ...inventValues(type, '440300', at), ...marked });
      const body = {
        issuer: market,
        type: name,
        rows: Array.from({ length: rows }, (_, at) => ({ values: values(at) })),
      };
      const answer = await post('/v1/batches', body);
      const page = await api.get(`/v1/batches/${String(member(answer, 'id'))}?limit=500`, { token });
      const files = member(page, 'certificates') as unknown as readonly CertificateFile[];
      return files.map((file) => file.body.id);
    },
    async suspend(identifier) {
      const change = { identifier, act: 'suspend', basis: bases.suspend, document: '示范〔2026〕1号' };
      await post('/v1/status-changes', { issuer: market, changes: [change] });
    },
    async verdict(identifier) {
      return String(member(await api.get(`/v1/verifications/${identifier}`), 'verdict', 'verdict'));
    },
  };
}

export async function makeBackup(api: Api, administrator = 'admins/440300'): Promise<BackupAnswer> {
  const token = await api.token(administrator);
  const answer = await api.post('/v1/backups', {}, { token });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.json as unknown as BackupAnswer;
}

/** Starts a gateway on a restored folder, with the passphrase of the old one. */
export async function startRestored(home: string, passphrase: string, catalogue?: Catalogue): Promise<TestGateway> {
  writeFileSync(join(home, 'passphrase'), `${passphrase}\n`, { mode: 0o600 });
  return startTestGateway({ home, ...(catalogue && { catalogue }) });
}
