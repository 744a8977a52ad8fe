/** One emulated Planfix account and its connector, without sockets or real time. */
import { type Findings, findingsOf, given } from '../../connectors/findings.ts';
import { makePlanfix } from '../../connectors/planfix/connector.ts';
import { type AccountSettings, type Connector } from '../../connectors/port.ts';
import { type EmulatorHost, hostEmulator } from '../../emulators/common/host.ts';
import { type Act, type Json, type SettingValue } from '../../emulators/common/types.ts';
import { planfix } from '../../emulators/planfix/emulator.ts';
import { type AccountId, as, type LocalPersonId } from '../../errors/ids.ts';
import { type HostedRuntime, hostedRuntime } from '../../simulation/hostedRuntime.ts';
import { planfixWorld } from '../../simulation/worlds.ts';

export interface PlanfixAccountOptions {
  /** Where the robot lives. */
  readonly zone: string;
  /** What somebody told the bridge; the robot's zone unless given. */
  readonly configured?: string;
  readonly settings?: Readonly<Record<string, SettingValue>>;
  readonly start?: number;
  /** Whom the bridge acts as in place of the robot, and whose credentials it has besides. */
  readonly acts?: Pick<AccountSettings, 'actor' | 'token' | 'actors'>;
  /** More keys of the world. */
  readonly world?: Readonly<Record<string, Json>>;
  /** What was found out of it earlier. */
  readonly known?: Readonly<Record<string, string>>;
  /** Hears the names of findings that would be kept. */
  readonly told?: (name: string) => void;
}

export interface PlanfixAccount {
  readonly connector: Connector;
  readonly findings: Findings;
  readonly host: EmulatorHost;
  readonly runtime: HostedRuntime;
  /** A person does something; throws when Planfix refuses. */
  act(act: Act): { readonly id: number };
  requests(): number;
}

export const origin = 'https://vesna.planfix.ru';
const token = 'c0ffee00c0ffee00c0ffee00c0ffee31';

export function planfixAccount(options: PlanfixAccountOptions): PlanfixAccount {
  const { zone, configured = zone, settings = {}, start = Date.parse('2026-11-24T07:30:00Z') } = options;
  const world = planfixWorld({
    name: 'vesna',
    token,
    people: [
      { id: 1, name: 'Связка', lastname: 'Робот', role: 'Robot' },
      { id: 2, name: 'Анна', lastname: 'Смирнова', role: 'Admin', email: 'anna@vesna.example' },
      { id: 12, name: 'Борис', lastname: 'Ким', role: 'User', email: 'boris@vesna.example' },
    ],
    contacts: [{ id: 12, name: 'Ромашка' }],
    projects: [{ id: 41, name: 'Сайт' }],
    object: 31,
    webhook: null,
  });
  const host = hostEmulator(planfix, {
    account: 'vesna',
    address: { http: origin.replace('https', 'http'), https: origin },
    world: {
      ...world,
      account: { ...(world['account'] as object), timezone: zone },
      tokens: [{ token, user: 'user:1', scopes: 'all', timezone: zone }],
      ...options.world,
    },
    settings: { 'limits.perSecond': 0, 'limits.perDay': 0, ...settings },
    seed: 1,
    now: start,
    clock: 'caller',
  });
  const runtime = hostedRuntime([{ host, origins: [origin, origin.replace('https', 'http')] }], start);
  const findings = findingsOf(given(options.known ?? {}), ({ name }) => options.told?.(name));
  const connector = makePlanfix(
    {
      account: as<AccountId>('vesna'),
      kind: 'planfix',
      url: `${origin}/rest`,
      token,
      actor: as<LocalPersonId>('user:1'),
      organisation: 'Весна',
      zone: configured,
      ca: null,
      serverMaxMs: 60_000,
      findings,
      ...options.acts,
    },
    runtime,
  );
  return {
    connector,
    findings,
    host,
    runtime,
    act(act) {
      const { acted, step } = host.act(act, runtime.now());
      runtime.carryOut(host, step);
      if (!acted.ok) throw new Error(acted.refused);
      return acted.result as { id: number };
    },
    requests: () => host.log().entries.filter((entry) => entry.rest).length,
  };
}
