import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeBitrix24 } from '../../connectors/bitrix24/connector.ts';
import { bitrix24 } from '../../emulators/bitrix24/emulator.ts';
import { hostEmulator } from '../../emulators/common/host.ts';
import { type Json } from '../../emulators/common/types.ts';
import {
  type AccountId,
  as,
  type LocalCommentId,
  type LocalPersonId,
  type LocalStatusId,
  type LocalTaskId,
} from '../../errors/ids.ts';
import { type ConnectorHarness, connectorSuite } from './connectorSuite.ts';
import { hostedRuntime } from './hostRuntime.ts';
import { ownCases } from './layout.ts';

const origin = 'https://vesna.bitrix24.ru';
const administrator = `${origin}/rest/1/adm1nh00kvesna01`;
const author = `${origin}/rest/5/auth0rh00kvesna5`;
const start = Date.parse('2026-11-24T07:30Z');

const { world } = JSON.parse(readFileSync(join(ownCases, 'bitrix24', 'world.json'), 'utf8')) as {
  world: Json;
};

function bitrixHarness(card: 'new' | 'old'): ConnectorHarness {
  const host = hostEmulator(bitrix24, {
    account: 'vesna',
    address: { http: 'http://vesna.bitrix24.ru', https: origin },
    world,
    settings: { 'taskCard.mode': card, 'limits.rate': false, 'limits.operating': false },
    seed: 1,
    now: start,
  });
  const runtime = hostedRuntime([{ host, origins: [origin, 'http://vesna.bitrix24.ru'] }], start);
  const connector = makeBitrix24(
    {
      account: as<AccountId>('vesna'),
      kind: 'bitrix24',
      url: administrator,
      token: null,
      actor: as<LocalPersonId>('1'),
      organisation: 'Весна',
      zone: 'Europe/Moscow',
      ca: null,
      serverMaxMs: 60_000,
    },
    runtime,
  );
  const call = async (who: string, method: string, params: object): Promise<unknown> => {
    const response = await runtime.http({
      method: 'POST',
      url: `${who}/${method}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(params),
      timeoutMs: 1000,
    });
    const text = await response.body.text(1_000_000);
    if (response.status >= 300) throw new Error(`${method}: ${text}`);
    return (JSON.parse(text) as { result: unknown }).result;
  };
  const chatOf = async (task: LocalTaskId): Promise<string> => {
    const { task: row } = (await call(author, 'tasks.task.get', { taskId: task })) as {
      task: { chatId: number };
    };
    return `chat${String(row.chatId)}`;
  };
  const number = (comment: LocalCommentId): number => Number(comment.split(':')[1]);
  return {
    connector,
    people: {
      creator: as<LocalPersonId>('5'),
      assignee: as<LocalPersonId>('7'),
      other: as<LocalPersonId>('11'),
    },
    place: '12',
    object: null,
    statuses: { born: as<LocalStatusId>('3'), next: as<LocalStatusId>('6') },
    refused: { set: { creator: as<LocalPersonId>('77777') }, about: 'creator' },
    requests: { createTask: 'batch', createComment: 'batch', updateTask: 'batch' },
    tellsDeleted: card === 'new',
    now: () => runtime.now(),
    advance: (ms) => {
      runtime.advance(ms);
    },
    acts: {
      createTask: async (TITLE) => {
        // The acting user watches, as it does in every mirrored task.
        const fields = { TITLE, RESPONSIBLE_ID: 7, AUDITORS: [1] };
        const { task } = (await call(author, 'tasks.task.add', { fields })) as { task: { id: string } };
        return as<LocalTaskId>(task.id);
      },
      rename: async (taskId, TITLE) => {
        await call(author, 'tasks.task.update', { taskId, fields: { TITLE } });
      },
      comment: async (task, text) => {
        if (card === 'new') {
          const params = { DIALOG_ID: await chatOf(task), MESSAGE: text };
          return as<LocalCommentId>(`chat:${String(await call(author, 'im.message.add', params))}`);
        }
        const params = { TASKID: Number(task), FIELDS: { POST_MESSAGE: text } };
        return as<LocalCommentId>(`comment:${String(await call(author, 'task.commentitem.add', params))}`);
      },
      deleteComment: async (task, comment) => {
        await (card === 'new'
          ? call(author, 'im.message.delete', { MESSAGE_ID: number(comment) })
          : call(administrator, 'task.commentitem.delete', {
              TASKID: Number(task),
              ITEMID: number(comment),
            }));
      },
    },
    fault: (fault) => {
      host.addFault(fault);
    },
    clearFaults: () => {
      host.clearFaults();
    },
    served: () => host.log().entries.filter((entry) => entry.rest).length,
    limitsOn: () => {
      host.setSettings({ 'limits.rate': true });
    },
  };
}

connectorSuite('The Bitrix24 connector on the new card', () => bitrixHarness('new'));
connectorSuite('The Bitrix24 connector on the old card', () => bitrixHarness('old'));
