import { describe, expect, test } from '@jest/globals';
import { bench, OLGA } from './testing.ts';

const bytes = new Uint8Array([0, 13, 10, 45, 45, 255, 208, 191, 13, 10]);

function form(name: string, filename: string, content: Uint8Array): { body: Uint8Array; type: string } {
  const head = `--b\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n--b--\r\n')]);
  return { body: new Uint8Array(body), type: 'multipart/form-data; boundary=b' };
}

function pathOf(location: string | undefined): string {
  return (location ?? '').replace('http://127.0.0.1:5001', '');
}

describe('files', () => {
  test('bytes and a Cyrillic name survive upload and download', () => {
    const { call } = bench();
    const { body, type } = form('file', 'Акт №1.bin', bytes);
    const made = call('POST', '/file/', body, undefined, { 'content-type': type });
    expect(made.status).toBe(200);
    const id = String(made.body['id']);
    expect(call('GET', `/file/${id}?fields=id,name,size`).body).toMatchObject({
      file: { name: 'Акт №1.bin', size: 1 },
    });
    const redirect = call('GET', `/file/${id}/download`);
    expect(redirect.status).toBe(302);
    const stored = call('GET', pathOf(redirect.headers['location']), undefined, null);
    expect([...stored.bytes]).toEqual([...bytes]);
  });

  test('storage gives the bytes for a living signature without a token, and no other way', () => {
    const { call, advance } = bench();
    const { body, type } = form('file', 'a.bin', bytes);
    const id = String(call('POST', '/file/', body, undefined, { 'content-type': type }).body['id']);
    const path = pathOf(call('GET', `/file/${id}/download`).headers['location']);
    expect(call('GET', path).status).toBe(400);
    expect(call('GET', path, undefined, null).status).toBe(200);
    expect(call('GET', path.replace(/Signature=./, 'Signature=z'), undefined, null).status).toBe(403);
    advance(600_000);
    expect(call('GET', path, undefined, null).status).toBe(403);
  });

  test('attaching adds, files of an update replace, an omitted key touches nothing', () => {
    const { call } = bench();
    const upload = (name: string) => {
      const { body, type } = form('file', name, bytes);
      return Number(call('POST', '/file/', body, undefined, { 'content-type': type }).body['id']);
    };
    const [one, two] = [upload('1'), upload('2')];
    const names = () => call('GET', '/task/1001/files?onlyFromDescription=true').body['files'];
    call('POST', `/file/${one}/attach/task?id=1001`);
    call('POST', `/file/${two}/attach/task?id=1001`);
    expect(names()).toMatchObject([{ id: one }, { id: two }]);
    call('POST', '/task/1001', { name: 'Другое' });
    expect(names()).toMatchObject([{ id: one }, { id: two }]);
    call('POST', '/task/1001', { files: [{ id: two }] });
    expect(names()).toMatchObject([{ id: two }]);
    expect(call('GET', `/file/${one}`).body['code']).toBe(7000);
  });

  test('a form without the part named file is refused', () => {
    const { call } = bench();
    const { body, type } = form('document', 'a.bin', bytes);
    expect(call('POST', '/file/', body, undefined, { 'content-type': type }).body['code']).toBe(7001);
  });

  test('the files of a task are those of its description and of the comments that the caller sees (reference 8.3, 10)', () => {
    const { call } = bench({
      tokens: [
        { token: 'robot-token', user: 'user:1' },
        { token: OLGA, user: 'user:3' },
        { token: 'timur', user: 'user:4' },
      ],
    });
    const upload = (name: string) => {
      const { body, type } = form('file', name, bytes);
      return Number(call('POST', '/file/', body, undefined, { 'content-type': type }).body['id']);
    };
    const [open, hidden] = [upload('открыто'), upload('скрыто')];
    call('POST', '/task/1001/comments/', { description: 'Всем', files: [{ id: open }] });
    call('POST', '/task/1001/comments/', {
      description: 'Ольге',
      isHidden: true,
      recipients: { users: [{ id: 'user:3' }] },
      files: [{ id: hidden }],
    });
    const ids = (token?: string) =>
      (call('GET', '/task/1001/files', undefined, token).body['files'] as { id: number }[]).map(
        ({ id }) => id,
      );
    expect([ids(), ids(OLGA), ids('timur')]).toEqual([[open, hidden], [open, hidden], [open]]);
    const code = (token: string) => call('GET', `/file/${hidden}`, undefined, token).body['code'];
    expect([code(OLGA), code('timur')]).toEqual([undefined, 6]);
  });
});
