import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulators } from '../../emulators/common/shell/emulators.ts';
import { type StartedEmulators } from '../../emulators/common/shell/start.ts';
import { threeCompanies } from '../../simulation/worlds.ts';

const root = join(import.meta.dirname, '../..');

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

let folder = '';
let emulators: StartedEmulators;
let mappingFile = '';

const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  SVYAZKA_DATA_DIR: join(folder, 'data'),
  SVYAZKA_PORT: '0',
});

const running = new Set<ChildProcess>();

function begin(args: readonly string[]): ChildProcess {
  const child = spawn(
    process.execPath,
    ['--no-warnings', '--import', join(root, 'tests/typescript.mjs'), join(root, 'app/cli.ts'), ...args],
    {
      env: environment(),
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

async function svyazka(args: readonly string[], input = ''): Promise<Ran> {
  const child = begin(args);
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin?.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}

/** Starts the bridge and waits until it says that it runs. */
async function start(): Promise<{ child: ChildProcess; stop(signal: NodeJS.Signals): Promise<void> }> {
  const child = begin(['start']);
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Svyazka runs.')) resolve();
    });
    child.once('exit', () => reject(new Error(`start ended: ${said}`)));
  });
  return {
    child,
    async stop(signal) {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'svyazka-cli-'));
  const worlds = threeCompanies(() => null);
  emulators = await startEmulators({
    planfix: ['teyron'],
    bitrix24: ['romashka'],
    worlds: { teyron: { world: worlds.teyron.world }, romashka: { world: worlds.romashka.world } },
    settings: { 'teyron:limits.perSecond': 0, 'romashka:limits.rate': false },
  });
  mappingFile = join(folder, 'mapping.yaml');
  await writeFile(mappingFile, await readFile(join(root, 'mappings/examples/planfix-bitrix24.yaml')));
});

// What a test that failed halfway left running is no trouble of the next one, and outlives no run.
afterEach(async () => {
  const ended = [...running].map((child) => once(child, 'exit'));
  for (const child of running) child.kill('SIGTERM');
  await Promise.all(ended);
});

afterAll(async () => {
  await emulators.close();
  await rm(folder, { recursive: true, force: true });
});

describe('The command line', () => {
  test('a mistyped command is wrong use and a guess is offered', async () => {
    const { code, err } = await svyazka(['aply']);
    expect(code).toBe(2);
    expect(err).toContain('apply');
  });

  test('a private address is refused unless the account is allowed one by name', async () => {
    const url = emulators.accounts.find(({ account }) => account === 'teyron')?.https ?? '';
    const { code, err } = await svyazka(
      ['account', 'add', 'teyron', '--kind', 'planfix', '--url', url, '--actor', 'user:1', '--token-stdin'],
      'some-token',
    );
    expect(code).toBe(3);
    expect(err).toContain('--allow-private');
  });

  test('accounts, a mapping and a task go from the command line to the other account', async () => {
    const { teyron, romashka } = threeCompanies(() => null);
    const address = (name: string) => emulators.accounts.find(({ account }) => account === name);
    const caFile = join(folder, 'ca.pem');
    await writeFile(caFile, address('teyron')?.ca ?? '');
    const bridge = await start();
    try {
      expect((await svyazka(['start'])).code).toBe(3);
      const added = await svyazka(
        [
          '--json',
          'account',
          'add',
          'teyron',
          '--kind',
          'planfix',
          '--url',
          address('teyron')?.https ?? '',
          '--ca',
          caFile,
          '--allow-private',
          '--actor',
          'user:1',
          '--organisation',
          'ТЕЙРОН',
          '--unlimited',
          '--token-stdin',
        ],
        teyron.token,
      );
      expect(added).toMatchObject({ code: 0 });
      expect(JSON.parse(added.out)).toMatchObject({
        account: 'teyron',
        webhook: expect.stringContaining('/webhooks/planfix/teyron/'),
      });
      // No task shows a time yet, so the person is asked.
      expect(added.err).toContain('Europe/Moscow');
      const portal = `${address('romashka')?.https ?? ''}/rest/1/${romashka.incoming.secret}/`;
      expect(
        await svyazka([
          'account',
          'add',
          'romashka',
          '--kind',
          'bitrix24',
          '--url',
          portal,
          '--ca',
          caFile,
          '--allow-private',
          '--unlimited',
        ]),
      ).toMatchObject({ code: 0 });
      const list = await svyazka(['account', 'list']);
      expect(list.out).toContain('romashka');
      expect(list.out).not.toContain(romashka.incoming.secret);
      expect((await svyazka(['account', 'check', 'teyron'])).code).toBe(0);

      const told = await svyazka(['--json', 'account', 'webhook', 'teyron']);
      expect(told.code).toBe(0);
      const records = told.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { record: string });
      expect(records.filter(({ record }) => record === 'scenario')).toHaveLength(3);
      expect(records[0]).toMatchObject({ record: 'webhook', objects: [{ id: '31', name: 'Задача' }] });
      const portalHook = await svyazka(['account', 'webhook', 'romashka']);
      expect(portalHook.out).toContain('auth[application_token]');
      expect(portalHook.out).toContain('ONTASKCOMMENTDELETE');

      const broken = join(folder, 'broken.yaml');
      await writeFile(broken, (await readFile(mappingFile, 'utf8')).replace("done: '5'", "done: '4'"));
      const refused = await svyazka(['apply', broken]);
      expect(refused.code).toBe(3);
      expect(refused.err).toMatch(/line \d+/u);
      expect(await svyazka(['apply', mappingFile])).toMatchObject({ code: 0 });

      // Outside the scope: no sweep mirrors them before they are linked.
      const host = emulators.host('teyron');
      const { acted } = host.act(
        { as: 2, do: 'create task', name: 'Настроить почту', object: 31, assignees: ['user:3'] },
        Date.now(),
      );
      const task = acted.ok ? (acted.result as { id: number }).id : 0;
      const other = emulators
        .host('romashka')
        .act(
          { as: 12, do: 'create task', title: 'Настроить почту клиента', responsible: 14 },
          Date.now(),
        ).acted;
      const twin = other.ok ? (other.result as { id: number }).id : 0;
      expect(
        await svyazka([
          'link',
          `teyron:${String(task)}`,
          `romashka:${String(twin)}`,
          '--space',
          'site-romashka',
        ]),
      ).toMatchObject({ code: 0 });
      const mirrored = () =>
        (emulators.host('romashka').dump() as { tasks: { id: number; title: string }[] }).tasks.find(
          ({ id }) => id === twin,
        )?.title;
      for (let tries = 0; mirrored() !== 'Настроить почту' && tries < 600; tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect(mirrored()).toBe('Настроить почту');

      const item = await svyazka(['item', `romashka:${String(twin)}`]);
      expect(item.out).toContain('Настроить почту');
      expect(item.out).toContain('task.update');
      const row = "- { teyron: 'user:2', romashka: '<id in romashka>' }";
      expect(item.out).toContain('People without a row in the mapping:');
      expect(item.out).toContain(`→ add to people: ${row}`);
      const all = await svyazka(['--json', 'status']);
      const listed = all.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { record: string; person?: string })
        .filter(({ record }) => record === 'person without a row');
      expect(listed).toContainEqual(
        expect.objectContaining({
          account: 'romashka',
          home: 'teyron',
          person: 'user:2',
          name: expect.any(String),
          fallback: 'stand-in',
          shownAs: '77',
          tasks: [`romashka:${String(twin)}`],
          emailsCompared: true,
          row,
        }),
      );
      expect((await svyazka(['retry', `romashka:${String(twin)}`])).code).toBe(0);
      expect((await svyazka(['unlink', `teyron:${String(task)}`])).code).toBe(0);
      expect((await svyazka(['item', 'teyron:999'])).code).toBe(1);
      expect((await svyazka(['account', 'check', 'teyron'])).out).toContain('in Europe/Moscow');
      const accounts = await svyazka(['--json', 'account', 'list']);
      expect(accounts.out).toContain('"zoneProved":"ok"');
      const probed = await svyazka(['--json', 'account', 'check', 'romashka', '--scratch']);
      expect(probed.code).toBe(0);
      const lines = new Map(
        probed.out
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as { about: string; state: string; found: string })
          .map((line) => [line.about, line] as const),
      );
      expect(lines.get('scratch: removed')).toMatchObject({ state: 'ok' });
      expect(lines.get('fact: creations')?.found).toContain('v3');
      expect(lines.get('webhook delivery')).toMatchObject({ state: 'unknown' });
      const kept = await svyazka(['account', 'check', 'romashka']);
      expect(kept.out).toContain('fact: template-id: plain: it stood twice');
      const status = await svyazka(['--json', 'status']);
      for (const line of status.out.trim().split('\n'))
        expect(() => JSON.parse(line) as unknown).not.toThrow();
    } finally {
      await bridge.stop('SIGTERM');
    }
  }, 300_000);

  test('what waits because many were closed is told by status with the command that lets it through', async () => {
    const watchful = join(folder, 'watchful.yaml');
    await writeFile(
      watchful,
      `${await readFile(mappingFile, 'utf8')}\nguard: { share: 0%, at_least: 0, within: 1h }\n`,
    );
    // The sweep that begins a start finds it.
    const { acted } = emulators
      .host('teyron')
      .act(
        { as: 2, do: 'create task', name: 'Итог', project: 41, object: 31, assignees: ['user:3'] },
        Date.now(),
      );
    const task = acted.ok ? (acted.result as { id: number }).id : 0;
    const twinIs = (): { title: string; status: number } | undefined =>
      (
        emulators.host('romashka').dump() as { tasks: { id: number; title: string; status: number }[] }
      ).tasks.find(({ title }) => title === 'Итог');
    const eventually = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
      for (let tries = 0; !(await holds()) && tries < 600; tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 50));
    };
    // Before the start: a bridge that runs takes an applied mapping up a moment after the command ended.
    expect((await svyazka(['apply', watchful])).out).toContain('more than 0% and 0 within 60 min');
    const first = await start();
    await eventually(() => twinIs() !== undefined);
    expect(twinIs()).toBeDefined();
    await first.stop('SIGTERM');
    emulators.host('teyron').act({ as: 3, do: 'set status', task, status: 3 }, Date.now());
    const bridge = await start();
    try {
      let told = '';
      await eventually(async () => {
        told = (await svyazka(['status'])).out;
        return told.includes('svyazka allow site-romashka');
      });
      expect(told).toContain('1 task waits');
      expect(told).toContain('E-MANY-AT-ONCE');
      expect(twinIs()?.status).not.toBe(5);
      expect((await svyazka(['allow', 'nowhere'])).code).toBe(1);
      const allowed = await svyazka(['--json', 'allow', 'site-romashka']);
      expect(JSON.parse(allowed.out)).toMatchObject({ space: 'site-romashka', items: [expect.any(String)] });
      await eventually(() => twinIs()?.status === 5);
      expect(twinIs()?.status).toBe(5);
      expect((await svyazka(['status'])).out).not.toContain('E-MANY-AT-ONCE');
      expect((await svyazka(['apply', mappingFile])).code).toBe(0);
    } finally {
      await bridge.stop('SIGTERM');
    }
  }, 300_000);

  test('a bridge that was killed leaves a folder that opens again, its secrets unread by others', async () => {
    const killed = await start();
    await killed.stop('SIGKILL');
    const again = await start();
    await again.stop('SIGTERM');
    expect(again.child.exitCode).toBe(0);
    expect((await stat(join(folder, 'data/secret.key'))).mode & 0o777).toBe(0o600);
    const lock = await stat(join(folder, 'data/svyazka.lock')).catch(() => null);
    expect(lock).toBeNull();
  }, 60_000);

  test('server and worker alone ask for DATABASE_URL', async () => {
    const { code, err } = await svyazka(['worker']);
    expect(code).toBe(2);
    expect(err).toContain('DATABASE_URL');
  });
});
