import { describe, expect, test } from '@jest/globals';
import { applicationEvent, introductionOf } from '../../connectors/bitrix24/introduction.ts';
import { type Act } from '../../emulators/common/types.ts';
import { type AccountSettings } from '../../connectors/port.ts';
import { as, type LocalPersonId } from '../../errors/ids.ts';
import { install, type Installable, type InstallDeps, lifecycle, opened } from './install.ts';
import { account, client, type Installed, portal, portalWith } from './testing.ts';
import { keptTokens } from './tokens.ts';

interface Stage extends Installed {
  readonly deps: InstallDeps;
  readonly of: Installable;
  readonly refusals: string[];
  /** What the portal has posted since it was asked last: query and body. */
  posted(): readonly { readonly query: string; readonly body: string; readonly path: string }[];
  act(what: Act): void;
}

const handlers = { handler: 'https://bridge.example/app', install: 'https://bridge.example/install' };

function stage(edit?: Parameters<typeof portalWith>[1]): Stage {
  const posts: { query: string; body: string; path: string }[] = [];
  const installed = portalWith({}, edit, (_host, request) => {
    const url = new URL(request.url);
    posts.push({
      query: url.search.slice(1),
      body: new TextDecoder().decode(request.body),
      path: url.pathname,
    });
    return { kind: 'answer', status: 200, body: url.pathname === '/install' ? 'BX24.installFinish()' : '' };
  });
  const refusals: string[] = [];
  const settings: AccountSettings = {
    account,
    kind: 'bitrix24',
    url: `${portal}/rest`,
    token: null,
    actor: as<LocalPersonId>(''),
    organisation: 'Весна',
    zone: 'Europe/Moscow',
    ca: null,
    serverMaxMs: 60_000,
  };
  return {
    ...installed,
    refusals,
    deps: {
      store: installed.store,
      secrets: installed.secrets,
      runtime: installed.runtime,
      refused: (_account, why) => refusals.push(why),
      installed: () => Promise.resolve(),
      rang: () => refusals.push('rang'),
    },
    of: { settings, portal, client, allowPrivate: false },
    posted: () => posts.splice(0),
    act(what) {
      const { acted, step } = installed.host.act(what, installed.runtime.now());
      installed.runtime.carryOut(installed.host, step);
      if (!acted.ok) throw new Error(acted.refused);
    },
  };
}

const kept = async ({ store, secrets }: Stage) => (await keptTokens(store, secrets, account))?.tokens;

/** Installed in a frame by the administrator. */
async function installedStage(edit?: Parameters<typeof portalWith>[1]): Promise<Stage> {
  const at = stage(edit);
  at.act({ as: 1, do: 'save application', ...handlers });
  at.act({ as: 1, do: 'open application' });
  const [frame] = at.posted();
  expect(await install(at.deps, at.of, frame?.query ?? '', frame?.body ?? '')).toEqual({ is: 'taken' });
  return at;
}

describe('An application is installed', () => {
  test('in a frame: its tokens work before the page has told that it is finished (installation-finish.md)', async () => {
    const at = await installedStage();
    expect(await kept(at)).toMatchObject({ memberId: at.memberId, user: '1', portal, trouble: null });
    expect(await at.process().client.call('profile', {})).toMatchObject({ is: 'ok' });
    expect(at.renewals()).toBe(0);
  });

  test('by the portal itself, when it has no interface', async () => {
    const at = stage();
    at.act({ as: 1, do: 'save application', ...handlers, api_only: true });
    const [event] = at.posted();
    expect(event?.path).toBe('/install');
    expect(applicationEvent(event?.body ?? '')).toBe('ONAPPINSTALL');
    expect(await install(at.deps, at.of, '', event?.body ?? '')).toEqual({ is: 'taken' });
    expect((await kept(at))?.applicationToken).toBe(introductionOf('', event?.body ?? '')?.applicationToken);
  });

  test.each([
    ['another portal', { member_id: 'f'.repeat(32) }, 'another portal'],
    ['a token that the portal does not know', { AUTH_ID: 'forged' }, 'does not know the token'],
    ['no tokens', { AUTH_ID: '' }, 'no tokens'],
    ['a foreign authorization server', { SERVER_ENDPOINT: 'https://evil.example/rest/' }, 'not known'],
  ])('not by %s: refused and listed', async (_, change, why) => {
    const at = await installedStage();
    const before = await kept(at);
    at.act({ as: 1, do: 'open application' });
    const [frame] = at.posted();
    const body = new URLSearchParams(frame?.body ?? '');
    for (const [name, value] of Object.entries(change)) body.set(name, value);
    const taken = await install(at.deps, at.of, frame?.query ?? '', body.toString());
    expect(taken).toMatchObject({ is: 'refused' });
    expect(at.refusals.join()).toContain(why);
    expect(await kept(at)).toEqual(before);
  });

  test('as long as it works, nobody else becomes its acting user', async () => {
    const at = await installedStage();
    at.act({ as: 7, do: 'open application' });
    const [frame] = at.posted();
    expect(await install(at.deps, at.of, frame?.query ?? '', frame?.body ?? '')).toMatchObject({
      is: 'refused',
    });
    expect((await kept(at))?.user).toBe('1');
  });

  test('opened once by its acting user it is healed, by anybody who shows another token it is not', async () => {
    const at = await installedStage();
    const before = await kept(at);
    const trouble = { code: 'E-REMOTE-AUTH' as const, about: 'application', answered: 'dead', todo: '' };
    await at.keep({ ...before, trouble, access: 'dead' }, 2);
    at.act({ as: 1, do: 'open application' });
    const [frame] = at.posted();
    const forged = new URLSearchParams(frame?.body ?? '');
    forged.set('APPLICATION_TOKEN', 'guessed');
    expect(await opened(at.deps, at.of, frame?.query ?? '', forged.toString())).toBe('waits');
    expect(await opened(at.deps, at.of, frame?.query ?? '', frame?.body ?? '')).toBe('healed');
    expect(await kept(at)).toMatchObject({ trouble: null, user: '1' });
    expect(await opened(at.deps, at.of, '', '')).toBe('fine');
  });

  test('an employee who opens it while it waits does not become its acting user, an administrator does', async () => {
    const at = await installedStage((world) => {
      const users = world['users'] as unknown as { id: number; admin: boolean }[];
      for (const user of users) if (user.id === 5) user.admin = true;
    });
    const trouble = { code: 'E-REMOTE-AUTH' as const, about: 'application', answered: 'dead', todo: '' };
    await at.keep({ ...(await kept(at)), trouble, access: 'dead' }, 2);
    at.act({ as: 7, do: 'open application' });
    const [employee] = at.posted();
    expect(await opened(at.deps, at.of, employee?.query ?? '', employee?.body ?? '')).toBe('waits');
    expect(await install(at.deps, at.of, employee?.query ?? '', employee?.body ?? '')).toMatchObject({
      is: 'refused',
    });
    expect(await kept(at)).toMatchObject({ user: '1', trouble });
    at.act({ as: 5, do: 'open application' });
    const [administrator] = at.posted();
    expect(await opened(at.deps, at.of, administrator?.query ?? '', administrator?.body ?? '')).toBe(
      'healed',
    );
    expect(await kept(at)).toMatchObject({ user: '5', trouble: null });
  });

  test('a portal that has another address is known by its identity, also where the old one is silent', async () => {
    const at = await installedStage();
    await at.keep({ ...(await kept(at)), portal: 'https://gone-vesna.bitrix24.ru' }, 2);
    at.act({ as: 1, do: 'open application' });
    const [frame] = at.posted();
    const query = new URLSearchParams(frame?.query ?? '');
    query.set('DOMAIN', 'new-vesna.bitrix24.ru');
    expect(await install(at.deps, at.of, query.toString(), frame?.body ?? '')).toEqual({ is: 'taken' });
    expect((await kept(at))?.portal).toBe('https://new-vesna.bitrix24.ru');
    expect(at.renewals()).toBe(1);
    query.set('DOMAIN', 'evil.example');
    await at.keep({ ...(await kept(at)), portal: 'https://gone-vesna.bitrix24.ru' }, 4);
    expect(await install(at.deps, at.of, query.toString(), frame?.body ?? '')).toMatchObject({ is: 'later' });
    expect((await kept(at))?.portal).toBe('https://gone-vesna.bitrix24.ru');
  });
});

describe('The life of an application', () => {
  const bound = async (at: Stage): Promise<void> => {
    const { client: own } = at.process();
    for (const event of ['ONAPPINSTALL', 'ONAPPUPDATE', 'ONAPPUNINSTALL'])
      await own.call('event.bind', { event, handler: 'https://bridge.example/events' });
  };

  test('an update brings a new application_token', async () => {
    const at = await installedStage();
    await bound(at);
    const before = await kept(at);
    at.act({ as: 1, do: 'update application to version 2' });
    const [event] = at.posted();
    expect(await lifecycle(at.deps, at.of, event?.body ?? '')).toBe(200);
    const after = await kept(at);
    expect(after?.applicationToken).not.toBe(before?.applicationToken);
    expect(after?.access).toBe(before?.access);
  });

  test('an update by another administrator changes nothing of who the bridge acts as', async () => {
    const at = await installedStage((world) => {
      const users = world['users'] as unknown as { id: number; admin: boolean }[];
      for (const user of users) if (user.id === 5) user.admin = true;
    });
    await bound(at);
    const before = await kept(at);
    at.act({ as: 5, do: 'update application to version 2' });
    const [event] = at.posted();
    expect(await lifecycle(at.deps, at.of, event?.body ?? '')).toBe(200);
    const after = await kept(at);
    expect(after?.applicationToken).not.toBe(before?.applicationToken);
    expect(after).toMatchObject({ user: '1', access: before?.access, refresh: before?.refresh });
  });

  test("an event made up by an employee with a token of one's own replaces no application_token", async () => {
    const at = await installedStage();
    const before = await kept(at);
    at.act({ as: 7, do: 'open application' });
    const [frame] = at.posted();
    const own = new URLSearchParams(frame?.body ?? '');
    const forged = new URLSearchParams({
      event: 'ONAPPUPDATE',
      'auth[member_id]': at.memberId,
      'auth[access_token]': own.get('AUTH_ID') ?? '',
      'auth[refresh_token]': own.get('REFRESH_ID') ?? '',
      'auth[application_token]': 'known to the employee',
    });
    expect(await lifecycle(at.deps, at.of, forged.toString())).toBe(403);
    expect(at.refusals.join()).toContain('no administrator');
    expect(await kept(at)).toEqual(before);
  });

  test('a token of another application of the portal is none of ours', async () => {
    const at = await installedStage();
    at.act({ as: 1, do: 'open application' });
    const [frame] = at.posted();
    const other = { ...at.of, client: { id: 'local.other', secret: 'its key' } };
    expect(await install(at.deps, other, frame?.query ?? '', frame?.body ?? '')).toMatchObject({
      is: 'refused',
    });
    expect(at.refusals.join()).toContain('another application');
  });

  test('a removal pauses the account and says so; the next installation heals it', async () => {
    const at = await installedStage();
    await bound(at);
    at.act({ as: 1, do: 'uninstall application' });
    const [event] = at.posted();
    const forged = new URLSearchParams(event?.body ?? '');
    forged.set('auth[application_token]', 'guessed');
    expect(await lifecycle(at.deps, at.of, forged.toString())).toBe(403);
    expect((await kept(at))?.trouble).toBeNull();
    expect(await lifecycle(at.deps, at.of, event?.body ?? '')).toBe(200);
    expect((await kept(at))?.trouble?.answered).toContain('removed from the portal');
    expect(await at.process().client.call('profile', {})).toMatchObject({ is: 'failed', kind: 'auth' });
    at.act({ as: 1, do: 'reinstall application' });
    at.act({ as: 1, do: 'open application' });
    const frame = at.posted().find(({ path }) => path === '/install');
    expect(await install(at.deps, at.of, frame?.query ?? '', frame?.body ?? '')).toEqual({ is: 'taken' });
    expect(await at.process().client.call('profile', {})).toMatchObject({ is: 'ok' });
  });

  test('any other event is not its business, and nothing is believed before an installation', async () => {
    const at = stage();
    expect(await lifecycle(at.deps, at.of, 'event=ONTASKADD')).toBeNull();
    expect(await lifecycle(at.deps, at.of, 'event=ONAPPINSTALL&auth[member_id]=1')).toBe(403);
    expect(await install(at.deps, at.of, '', 'anything')).toMatchObject({ is: 'refused' });
  });
});
