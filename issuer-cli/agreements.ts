/** Recognition agreements as the command knows them: the gateway's, for those who may ask it, and the trust list's. */
import { type AgreementRow, type ClientFile, isJsonObject, type Json, YinxinError } from '@yinxin/core';
import { type Inputs, usageError } from './command.ts';
import type { Context } from './context.ts';
import { connectClient, type Gateway } from './gateway.ts';
import type { Administrator } from './governance.ts';
import { type Home, openHome, readClients } from './home.ts';
import { type KnownTrust, loadTrust } from './trust-list.ts';

/** The gateway's answer: its shape is its contract, tested on its side. */
async function fetchAgreements(gateway: Gateway): Promise<readonly AgreementRow[]> {
  const json: Json = await gateway.getJson('/v1/agreements');
  const agreements = isJsonObject(json) ? json['agreements'] : undefined;
  if (Array.isArray(agreements)) return agreements as unknown as readonly AgreementRow[]; // the OpenAPI document fixes the rest
  throw new YinxinError('GATEWAY_UNREACHABLE', { gateway: gateway.url, status: 200 });
}

/** The gateway's newest, approved or not, and with them all that the trust list names. */
async function readAgreements(gateway: Gateway, { trust }: KnownTrust): Promise<readonly AgreementRow[]> {
  const newest = await fetchAgreements(gateway);
  const isOlder = ({ agreement }: AgreementRow) => !newest.some((row) => row.agreement === agreement);
  return [...newest, ...trust.agreements.filter(isOlder)];
}

/** A client that may ask for what is not approved yet: the home city's rather than another's. */
async function findReader(home: Home, inputs: Inputs, context: Context): Promise<ClientFile | undefined> {
  const clients = [
    ...(await readClients(home, inputs, context, 'admins')),
    ...(await readClients(home, inputs, context)),
  ];
  const able = clients.filter(({ scopes }) => scopes.includes('admin') || scopes.includes('audit'));
  return able.find(({ domain }) => domain === home.domain) ?? able[0];
}

/** By the gateway where a client's file is at hand, else by the trust list alone, which names what all parties approved. */
export async function loadAgreements(
  inputs: Inputs,
  context: Context,
): Promise<{ readonly known: KnownTrust; readonly agreements: readonly AgreementRow[] }> {
  const home = await openHome(inputs, context);
  const known = await loadTrust(home, inputs, context);
  const client = known.source === 'server' ? await findReader(home, inputs, context) : undefined;
  if (!client) return { known, agreements: known.trust.agreements };
  return { known, agreements: await readAgreements(connectClient(home, client, context), known) };
}

/** By its id, or a name that no other has. @throws YinxinError NOT_FOUND, USAGE */
export function findAgreement(agreements: readonly AgreementRow[], name: string): AgreementRow {
  const own = agreements.find(({ agreement }) => agreement === name);
  if (own) return own;
  const [found, ...others] = agreements.filter(({ name: { zh, en } }) => zh === name || en === name);
  if (!found) throw new YinxinError('NOT_FOUND', { kind: 'agreement', agreement: name.slice(0, 64) });
  if (others.length > 0) throw usageError('agreement-unclear', name);
  return found;
}

/** The agreement that an administrator names. @throws YinxinError as findAgreement */
export async function openAgreement({ gateway, known }: Administrator, inputs: Inputs): Promise<AgreementRow> {
  return findAgreement(await readAgreements(gateway, known), inputs.operand(0));
}
