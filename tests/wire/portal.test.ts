/** The emulated portal's HTTP shell, spoken to as strangers' clients speak to a portal. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { startEmulators } from '../../emulators/common/shell/emulators.ts';

const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

describe('The emulated portal on the wire', () => {
  const start = async (): Promise<string> => {
    const started = await startEmulators({
      bitrix24: ['vesna'],
      settings: { 'limits.rate': false },
      onError: (_account, error) => {
        throw error;
      },
    });
    ends.push(() => started.close());
    const webhook = started.accounts[0]?.webhook;
    if (webhook === undefined) throw new Error('no webhook');
    return webhook.replace(/\/+$/, '');
  };
  const post = async (url: string, type: string, body: string): Promise<unknown> => {
    const headers = { 'content-type': type, 'user-agent': 'test/1' };
    return (await fetch(url, { method: 'POST', headers, body })).json();
  };
  const form = 'application/x-www-form-urlencoded';

  test('collapses double slashes, as clients make them of an address with a slash at its end', async () => {
    const webhook = await start();
    const { origin, pathname } = new URL(webhook);
    const doubled = `${origin}${pathname.replaceAll('/', '//')}//user.current`;
    expect(await post(doubled, 'application/json', '{}')).toMatchObject({
      result: { ID: expect.anything() },
    });
  });

  test('decodes batch parameters of a form twice, those of JSON once', async () => {
    const webhook = await start();
    const title = 'Слово & дело = 100% [+]';
    const { result } = (await post(`${webhook}/user.current`, 'application/json', '{}')) as {
      result: { ID: string };
    };
    const command = `tasks.task.add?fields[TITLE]=${encodeURIComponent(title)}&fields[RESPONSIBLE_ID]=${result.ID}`;
    const bodies = [
      ['application/json', JSON.stringify({ halt: 0, cmd: { a: command } })],
      [form, `halt=0&cmd[a]=${encodeURIComponent(command)}`],
    ] as const;
    for (const [type, body] of bodies)
      expect(await post(`${webhook}/batch`, type, body)).toMatchObject({
        result: { result: { a: { task: { title } } } },
      });
  });

  test('reads task.* by position: a parameter in the query shifts the others', async () => {
    const webhook = await start();
    const { result } = (await post(`${webhook}/user.current`, 'application/json', '{}')) as {
      result: { ID: string };
    };
    const fields = { TITLE: 'Дело', RESPONSIBLE_ID: result.ID };
    const made = (await post(
      `${webhook}/tasks.task.add`,
      'application/json',
      JSON.stringify({ fields }),
    )) as {
      result: { task: { id: string } };
    };
    const body = JSON.stringify({ TASKID: Number(made.result.task.id) });
    const method = `${webhook}/task.checklistitem.getlist`;
    expect(await post(method, 'application/json', body)).toMatchObject({ result: [] });
    expect(await post(`${method}?bx24_sdk_ver=1`, 'application/json', body)).toMatchObject({
      error: 'ERROR_CORE',
    });
  });
});
