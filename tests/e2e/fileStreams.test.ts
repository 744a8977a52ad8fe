/** The way of a file's bytes: links that ran out, transfers that break off, pages in place of a file, and how little is held. */
import { describe, expect, test } from '@jest/globals';
import { as, type AccountId } from '../../errors/ids.ts';
import { type HttpRequest, type HttpResponse } from '../../runtime/runtime.ts';
import { type Rehearsal } from '../../simulation/rehearsal.ts';
import { becomes } from './around.ts';
import { bitrixSaid, bitrixTasks, fileBytes, only, planfixTasks } from './look.ts';
import { sharedTask } from './tasks.ts';
import { rehearseThree } from './three.ts';

const base64 = Buffer.from(Uint8Array.from({ length: 1_500 }, (_, at) => (at * 7) % 256)).toString('base64');
const file = { name: 'макет.psd', base64 };

const noPage: HttpResponse = {
  status: 404,
  headers: {},
  body: { text: () => Promise.resolve(''), stream: () => chunks(), cancel: () => undefined },
};

async function* chunks(...list: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of list) yield await Promise.resolve(chunk);
}

/** Answers requests itself where `answer` gives something; counts those that it was asked about. */
function instead(
  three: Rehearsal,
  fits: (request: HttpRequest) => boolean,
  answer: (count: number, honest: () => Promise<HttpResponse>) => Promise<HttpResponse> | HttpResponse,
): () => number {
  const { http } = three.runtime;
  let count = 0;
  Object.assign(three.runtime, {
    http: (request: HttpRequest) =>
      fits(request) ? answer((count += 1), () => http(request)) : http(request),
  });
  return () => count;
}

const downloads = {
  planfix: ({ url }: HttpRequest): boolean => url.includes('/storage/pf/'),
  bitrix24: ({ url, method }: HttpRequest): boolean =>
    method === 'GET' && /\/rest\/download\.json|uf\.php/u.test(url),
};

/** A file attached at one side, with what comes in place of its bytes; how often they were asked for. */
async function attached(
  from: 'planfix' | 'bitrix24',
  answer: Parameters<typeof instead>[2],
): Promise<{ three: Rehearsal; asked: () => number; there: () => readonly string[]; names: () => string[] }> {
  const three = await rehearseThree();
  const { task, mirror } = await sharedTask(three);
  const asked = instead(three, downloads[from], answer);
  if (from === 'planfix') three.act('teyron', { as: 2, do: 'attach file', task: mirror, ...file });
  else three.act('romashka', { as: 12, do: 'attach file', task, ...file });
  const to = from === 'planfix' ? 'romashka' : 'teyron';
  return {
    three,
    asked,
    there: () =>
      from === 'planfix' ? only(bitrixTasks(three, to)).files : only(planfixTasks(three, to)).files,
    names: () => fileBytes(three, to).get(file.name) ?? [],
  };
}

describe.each(['planfix', 'bitrix24'] as const)('A file of %s', (from) => {
  test('whose link ran out before it was followed is fetched by another one', async () => {
    // Bitrix24 gives two links at once: both have run out.
    const over = from === 'planfix' ? 1 : 2;
    const { three, asked, names } = await attached(from, (count, honest) =>
      count <= over ? { ...noPage, status: 403 } : honest(),
    );
    await three.settle(1_000);
    expect(names()).toEqual([base64]);
    expect(asked()).toBe(over + 1);
  });

  test('whose links lead nowhere is asked for twice, listed, and tried again later', async () => {
    let gone = true;
    const { three, asked, names, there } = await attached(from, (_, honest) => (gone ? noPage : honest()));
    await three.settle(1_000);
    expect(asked()).toBe(from === 'planfix' ? 2 : 4);
    expect(there()).toEqual([]);
    gone = false;
    await three.settle(3_600_000);
    expect(names()).toEqual([base64]);
  });

  test.each([
    ['half of it', (bytes: Uint8Array) => bytes.subarray(0, 400)],
    ['more than it', (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(2_000)])],
  ] as const)('of which %s comes is not taken for done', async (_, changed) => {
    let torn = true;
    const { three, names, there } = await attached(from, async (__, honest) => {
      const response = await honest();
      if (!torn) return response;
      const read: Uint8Array[] = [];
      for await (const chunk of response.body.stream()) read.push(chunk);
      const { 'content-length': ___, ...headers } = response.headers;
      const bytes = changed(Buffer.concat(read));
      return { ...response, headers, body: { ...response.body, stream: () => chunks(bytes) } };
    });
    await three.settle(1_000);
    expect([there(), names()]).toEqual([[], []]);
    torn = false;
    await three.settle(3_600_000);
    expect(names()).toEqual([base64]);
    expect(there()).toHaveLength(1);
  });

  test('in place of which a web page comes is no file', async () => {
    const { three, there } = await attached(from, async (_, honest) => {
      const { body } = await honest();
      return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
    });
    await three.settle(1_000);
    expect(there()).toEqual([]);
  });
});

test('A file of a comment that can not be read now comes with the comment later', async () => {
  const three = await rehearseThree();
  const { mirror } = await sharedTask(three);
  let gone = true;
  instead(three, downloads.planfix, (_, honest) => (gone ? noPage : honest()));
  const said = { text: '<p>Макет</p>', recipients: ['contact:20'], files: [file] };
  three.act('teyron', { as: 2, do: 'add comment', task: mirror, ...said });
  await three.settle(1_000);
  expect(bitrixSaid(three, 'romashka').map(({ files }) => files)).toEqual([[]]);
  gone = false;
  await three.settle(3_600_000);
  expect(fileBytes(three, 'romashka').get(file.name)).toEqual([base64]);
  expect(bitrixSaid(three, 'romashka').filter(({ text }) => text !== '')).toHaveLength(1);
});

const chunk = Buffer.alloc(65_536, 1);
const chunksOfLargest = 104_857_600 / chunk.length;

/** How many chunks of the largest file are read ahead of those that have gone out, at most. */
async function readAhead(from: 'teyron' | 'romashka', uploads: RegExp): Promise<number> {
  const three = await rehearseThree();
  const { task, mirror } = await sharedTask(three);
  let [read, taken, most] = [0, 0, 0];
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < chunksOfLargest; count += 1) {
      read += 1;
      most = Math.max(most, read - taken);
      yield await Promise.resolve(chunk);
    }
  }
  becomes(three, as<AccountId>(from), () => ({
    openFile: () =>
      Promise.resolve({ name: file.name, size: chunksOfLargest * chunk.length, bytes: endless() }),
  }));
  const { http } = three.runtime;
  Object.assign(three.runtime, {
    http: async (request: HttpRequest): Promise<HttpResponse> => {
      if (!uploads.test(request.url) || request.body === undefined) return http(request);
      let bytes = 0;
      for await (const part of request.body as AsyncIterable<Uint8Array>) {
        bytes += part.length;
        // Base64 makes four bytes of three.
        taken = Math.floor(bytes / (chunk.length * (from === 'teyron' ? 4 / 3 : 1)));
      }
      return { ...noPage, status: 500 };
    },
  });
  if (from === 'teyron') three.act('teyron', { as: 2, do: 'attach file', task: mirror, ...file });
  else three.act('romashka', { as: 12, do: 'attach file', task, ...file });
  await three.settle(1_000);
  expect(read).toBe(chunksOfLargest);
  return most;
}

test.each([
  ['teyron', /disk\.storage\.uploadfile$/u],
  ['romashka', /\/file\/$/u],
] as const)('The largest file of %s goes through three chunks at a time', async (from, uploads) => {
  expect(await readAhead(from, uploads)).toBeLessThanOrEqual(3);
});
