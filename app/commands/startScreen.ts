/** What a person reads at start: what runs where, and what to do next. */
import { hookAddress, openAccounts } from '../accounts.ts';
import { type Bridge } from '../bridge.ts';
import { type Environment } from '../environment.ts';
import { type Secrets } from '../secrets.ts';
import { missing, table } from './io.ts';

export async function accountsOfBridge(
  bridge: Bridge,
  environment: Environment,
  secrets: Secrets,
): Promise<string> {
  const accounts = await openAccounts(bridge.store, secrets);
  const base = environment.publicUrl ?? `http://localhost:${String(bridge.port)}`;
  const lines = [
    'Svyazka runs.',
    ...(bridge.port === 0
      ? []
      : [`  HTTP      port ${String(bridge.port)}: /healthz /readyz /metrics /webhooks/…`]),
    `  database  ${environment.databaseUrl === undefined ? `its own, for ${environment.dataDir}` : 'the one of DATABASE_URL'}`,
  ];
  if (accounts.length === 0)
    return [
      ...lines,
      '',
      'No accounts yet. In another terminal:',
      '  svyazka account add NAME --kind planfix --url https://NAME.planfix.ru --actor user:1 --token-stdin',
      '  svyazka account add NAME --kind bitrix24 --url https://NAME.bitrix24.ru/rest/1/SECRET/',
      '  svyazka apply MAPPING.yaml',
      'To try it without any account: npm run demo',
    ].join('\n');
  const rows = accounts.map((account) => [
    `  ${account.account}`,
    account.kind,
    bridge.unreachable.has(account.account)
      ? `not reachable: ${bridge.unreachable.get(account.account) ?? ''}`
      : 'reachable',
    // The address holds the account's secret, so only its place is told here; `account add` printed it whole.
    hookAddress(base, { ...account, hookSecret: account.hookSecret === null ? null : '…' }),
  ]);
  const spaces = [...bridge.deps.mappings.values()].map(
    ({ space, version, members }) =>
      `  ${space} (version ${String(version)}): ${members.map(({ account }) => account).join(', ')}`,
  );
  return [...lines, '', table(rows), ...(spaces.length > 0 ? ['', ...spaces] : ['', missing.mappings])].join(
    '\n',
  );
}
