/**
 * The rights of a credential and of its user one by one, and what is left of its limits, as far as readings tell:
 * method.get for what the scopes allow (b24restdocs: common/system/method-get.md), the newest task for what its user may.
 */
import { z } from 'zod';
import { type CheckLine } from '../port.ts';
import { type Command } from './batch.ts';
import { type Answer, troubleOf } from './failure.ts';
import { TaskResult } from './schema.ts';
import { type Session } from './session.ts';

interface Right {
  readonly about: string;
  readonly methods: readonly string[];
  readonly scope: string;
}

const rights: readonly Right[] = [
  { about: 'right: read tasks', methods: ['tasks.task.list', 'tasks.task.get'], scope: 'task' },
  { about: 'right: create tasks', methods: ['tasks.task.add'], scope: 'task' },
  {
    about: 'right: move statuses',
    methods: ['tasks.task.start', 'tasks.task.complete', 'tasks.task.renew', 'tasks.task.approve'],
    scope: 'task',
  },
  { about: 'right: read people', methods: ['user.get'], scope: 'user' },
  {
    about: 'right: upload files',
    methods: ['disk.storage.getlist', 'disk.storage.uploadfile', 'tasks.task.files.attach'],
    scope: 'disk',
  },
  {
    about: 'right: write in task chats',
    methods: ['im.message.add', 'im.message.update', 'im.message.delete'],
    scope: 'im',
  },
];

const Available = z.object({ isExisting: z.boolean(), isAvailable: z.boolean() });

const keyOf = (method: string): string => method.replaceAll('.', '');

/** What is to be asked of the methods. */
export const rightCommands: readonly Command[] = rights.flatMap(({ methods }) =>
  methods.map((name) => ({ key: keyOf(name), method: 'method.get', params: { name: name.toLowerCase() } })),
);

export function rightLines(answers: ReadonlyMap<string, Answer>): readonly CheckLine[] {
  return rights.map(({ about, methods, scope }): CheckLine => {
    const told = methods.map((name) => {
      const answer = answers.get(keyOf(name));
      return { name, available: Available.safeParse(answer?.is === 'ok' ? answer.result : null).data };
    });
    const missing = told.find(({ available }) => available?.isAvailable === false);
    if (missing !== undefined)
      return {
        about,
        state: 'failed',
        found: `${missing.name} is ${missing.available?.isExisting === true ? 'not allowed' : 'not known there'}`,
        todo: `Give the webhook or the application the scope ${scope}.`,
      };
    return told.some(({ available }) => available === undefined)
      ? { about, state: 'unknown', found: 'the portal does not tell which methods are allowed' }
      : { about, state: 'ok', found: 'allowed by the scopes' };
  });
}

/** What the acting user may do as the person it is; `chat`: the answer of the newest task's chat, where it has one. */
export function personLines(
  admin: boolean,
  task: { readonly id: string; readonly chat: string | null } | null,
  chat: Answer | undefined,
): readonly CheckLine[] {
  const others: CheckLine = admin
    ? { about: "right: edit others' tasks", state: 'ok', found: 'administrator' }
    : {
        about: "right: edit others' tasks",
        state: 'warning',
        found: 'only tasks that the acting user created, or as their group allows',
        todo: 'Make the acting user an administrator, or give the account the credentials of others (account actor add).',
      };
  if (task === null) return [others];
  if (task.chat === null)
    return [
      others,
      {
        about: 'right: write comments as others',
        state: 'ok',
        found: 'comments of the old card may name any author and time',
      },
      {
        about: 'right: delete comments',
        state: admin ? 'ok' : 'warning',
        found: admin
          ? 'administrator'
          : 'comments of others stay, and are followed up by a line that takes them back',
      },
    ];
  return [
    others,
    {
      about: 'right: write comments as others',
      state: 'ok',
      found: 'not in a task chat: the author stands in the first line',
    },
    {
      about: 'right: delete comments',
      state: 'ok',
      found: 'a task chat lets the acting user delete its own messages',
    },
    seatLine(task.id, chat),
  ];
}

function seatLine(task: string, chat: Answer | undefined): CheckLine {
  const about = 'right: a seat in task chats';
  if (chat === undefined) return { about, state: 'unknown', found: 'not asked' };
  if (chat.is === 'ok') return { about, state: 'ok', found: `reads the chat of task ${task}` };
  return chat.code === 'ACCESS_ERROR'
    ? {
        about,
        state: 'ok',
        found: `none in the chat of task ${task}: it joins a task as a watcher when the task is mirrored`,
      }
    : { about, state: 'unknown', found: troubleOf(chat, about, 'im.dialog.messages.get').answered ?? '' };
}

/** Seconds in ten minutes at which a method is refused in the cloud; the docs' example (limits.md). */
const operatingMax = 480;

export function limitLine({ client }: Session): CheckLine {
  const about = 'limit: running time of methods';
  const [most] = [...client.operating()].sort(([, one], [, other]) => other - one);
  if (most === undefined) return { about, state: 'unknown', found: 'the portal does not tell' };
  const [method, seconds] = most;
  const most60 = Math.max(1, Math.ceil(seconds / 60)) * 60;
  const found = `none more than ${String(most60)} of about ${String(operatingMax)} s in ten minutes`;
  return seconds < operatingMax / 2
    ? { about, state: 'ok', found }
    : {
        about,
        state: 'warning',
        found,
        todo: `See what else calls ${method} in this portal with the same credential.`,
      };
}

/** The number and the chat of a task that was read; null where there is none. */
export function taskOf(answer: Answer | undefined): { id: string; chat: string | null } | null {
  const result = TaskResult.safeParse(answer?.is === 'ok' ? answer.result : null);
  const row = Seat.safeParse(result.success ? result.data : null);
  return row.success ? { id: row.data.id, chat: row.data.chatId } : null;
}

const Id = z.union([z.string(), z.number()]).transform(String);
const Seat = z.object({
  id: Id,
  chatId: Id.nullish().transform((id) => (id === undefined || id === null || id === '0' ? null : id)),
});
