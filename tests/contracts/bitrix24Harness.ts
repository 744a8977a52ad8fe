/** The Bitrix24 connector over its emulator in this process, with people who act beside it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeBitrix24 } from '../../connectors/bitrix24/connector.ts';
import { type Findings, findingsOf, given } from '../../connectors/findings.ts';
import { type TokenSource } from '../../connectors/port.ts';
import { bitrix24 } from '../../emulators/bitrix24/emulator.ts';
import { type EmulatorHost, hostEmulator } from '../../emulators/common/host.ts';
import { type Json } from '../../emulators/common/types.ts';
import {
  type AccountId,
  as,
  type LocalCommentId,
  type LocalPersonId,
  type LocalStatusId,
  type LocalTaskId,
} from '../../errors/ids.ts';
import { hostedRuntime } from './hostRuntime.ts';
import { ownCases } from './layout.ts';
import { type ConnectorHarness } from './promises/bench.ts';

const origin = 'https://vesna.bitrix24.ru';
const start = Date.parse('2026-11-24T07:30Z');

/** Incoming webhooks of the contracts' world. */
export const webhooks = {
  administrator: `${origin}/rest/1/adm1nh00kvesna01`,
  author: `${origin}/rest/5/auth0rh00kvesna5`,
  assignee: `${origin}/rest/7/w0rkerh00kvesna7`,
  auditor: `${origin}/rest/11/audit0rh00kves11`,
} as const;

export interface BitrixHarness extends ConnectorHarness {
  readonly host: EmulatorHost;
  readonly findings: Findings;
  /** A call of somebody else's webhook; its `result`. */
  call(who: string, method: string, params: object): Promise<unknown>;
}

const { world } = JSON.parse(readFileSync(join(ownCases, 'bitrix24', 'world.json'), 'utf8')) as {
  world: Json;
};

export interface HarnessOptions {
  readonly card?: 'new' | 'old';
  readonly settings?: Readonly<Record<string, Json>>;
  /** Webhook that the connector acts by; the administrator's when absent. */
  readonly url?: string;
  /** Acts as the administrator by a token of the world's application, not by a webhook. */
  readonly application?: boolean;
  /** What earlier probes found out of the account. */
  readonly known?: Readonly<Record<string, string>>;
  /** Edits the world before it is seeded. */
  readonly edit?: (world: Record<string, Record<string, Json>>) => void;
}

export function bitrixHarness({
  card = 'new',
  settings = {},
  url,
  application = false,
  known = {},
  edit,
}: HarnessOptions = {}): BitrixHarness {
  const seeded = structuredClone(world) as Record<string, Record<string, Json>>;
  edit?.(seeded);
  const host = hostEmulator(bitrix24, {
    account: 'vesna',
    address: { http: 'http://vesna.bitrix24.ru', https: origin },
    world: seeded,
    settings: { 'taskCard.mode': card, 'limits.rate': false, 'limits.operating': false, ...settings },
    seed: 1,
    now: start,
  });
  const origins = [origin, 'http://vesna.bitrix24.ru', 'https://old-vesna.bitrix24.ru'];
  const runtime = hostedRuntime([{ host, origins }], start);
  const address = url ?? webhooks.administrator;
  const tokens: TokenSource = {
    current: () => Promise.resolve('at-valid-user1'),
    renew: () => Promise.reject(new Error('the token is good')),
  };
  const findings = findingsOf(given(known, start));
  const connector = makeBitrix24(
    {
      account: as<AccountId>('vesna'),
      kind: 'bitrix24',
      url: application ? `${origin}/rest` : address,
      token: null,
      ...(application ? { application: { tokens, eventsKey: 'svyazka' } } : {}),
      actor: as<LocalPersonId>(address.split('/rest/')[1]?.split('/')[0] ?? ''),
      organisation: 'Весна',
      zone: 'Europe/Moscow',
      ca: null,
      serverMaxMs: 60_000,
      findings,
    },
    runtime,
  );
  const call = async (who: string, method: string, params: object): Promise<unknown> => {
    const response = await runtime.http({
      method: 'POST',
      url: `${who}/${method}`,
      headers: { 'content-type': 'application/json', 'user-agent': 'person/1' },
      body: JSON.stringify(params),
      timeoutMs: 1000,
    });
    const text = await response.body.text(1_000_000);
    if (response.status >= 300) throw new Error(`${method}: ${text}`);
    return (JSON.parse(text) as { result: unknown }).result;
  };
  const { administrator, author } = webhooks;
  const chatOf = async (task: LocalTaskId): Promise<string> => {
    const { task: row } = (await call(author, 'tasks.task.get', { taskId: task })) as {
      task: { chatId: number };
    };
    return `chat${String(row.chatId)}`;
  };
  const number = (comment: LocalCommentId): number => Number(comment.split(':')[1]);
  return {
    host,
    call,
    findings,
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
    requests: {
      createTask: known['creations'] === 'v3' ? 'tasks.task.add' : 'batch',
      createComment: 'batch',
      updateTask: 'batch',
    },
    tellsDeleted: card === 'new' && settings['chat.deletedMessages'] !== 'gone',
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
