/** Ways to falsify dumps, one at a time: a judge that lets one of them pass is no judge. */
import { type Dumps } from './judge.ts';
import { type StoryRecord } from './record.ts';

type Loose = { [key: string]: unknown };

export interface Falsification {
  readonly what: string;
  /** A finding that shows that it was caught, and not something else. */
  readonly finding: RegExp;
  /** Falsified copies; the given dumps stay as they are. Throws when there is nothing to falsify in this way. */
  falsify(dumps: Dumps): Dumps;
}

const rows = (value: unknown, key: string): Loose[] => {
  const found = (value as Loose | undefined)?.[key];
  if (!Array.isArray(found)) throw new Error(`there is no list "${key}" to falsify`);
  return found as Loose[];
};

const last = (list: readonly Loose[], what: string): Loose => {
  const found = list.at(-1);
  if (found === undefined) throw new Error(`there is no ${what} to falsify`);
  return found;
};

const falsified =
  (account: string, change: (dump: Loose) => void) =>
  (dumps: Dumps): Dumps => {
    const copy = structuredClone(dumps[account]) as Loose;
    change(copy);
    return { ...dumps, [account]: copy };
  };

/** The names of accounts: a client with Bitrix24's new card, an integrator with Planfix. */
export interface Roles {
  readonly client: string;
  readonly integrator: string;
}

/** `record` tells what must not stand with the client, and which file of its account counts. */
export function falsifications(record: StoryRecord, { client, integrator }: Roles): readonly Falsification[] {
  const [secret = ''] = record.accounts[client]?.neverReads ?? [];
  const fileNames = new Set(
    record.tasks
      .flatMap((task) => [...task.files, ...task.comments.flatMap((comment) => comment.files)])
      .map(({ name }) => name),
  );
  const chat = (dump: Loose): Loose[] => {
    const found = rows(dump, 'chats').find((one) => rows(one, 'messages').some(isMirrored));
    return rows(found, 'messages');
  };
  const isMirrored = (message: Loose): boolean =>
    message['deleted'] === false && /^\[B\][^[]+:\[\/B\]/u.test(String(message['text']));
  const spoken = (dump: Loose): Loose[] =>
    rows(dump, 'comments').filter((comment) => comment['system'] !== true && comment['isDeleted'] === false);
  const mirroredThere = (dump: Loose): Loose =>
    last(
      spoken(dump).filter((comment) => /^<p><b>[^<]+:<\/b>/u.test(String(comment['description']))),
      'mirrored comment',
    );
  const flip = (file: Loose): void => {
    const bytes = Buffer.from(String(file['base64']), 'base64');
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    file['base64'] = bytes.toString('base64');
  };
  const sharedTask = (dump: Loose): Loose => last(rows(dump, 'tasks'), 'task');

  return [
    {
      what: 'a comment dropped at the client',
      finding: /^\w+: .*the comment .* is missing/u,
      falsify: falsified(client, (dump) => {
        const messages = chat(dump);
        messages.splice(messages.findLastIndex(isMirrored), 1);
      }),
    },
    {
      what: 'a comment dropped at the integrator',
      finding: /^\w+: .*the comment .* is missing/u,
      falsify: falsified(integrator, (dump) => {
        const comments = rows(dump, 'comments');
        comments.splice(comments.indexOf(last(spoken(dump), 'comment')), 1);
      }),
    },
    {
      what: "an author swapped in the client's chat",
      finding: /stands under «Иван Чужой/u,
      falsify: falsified(client, (dump) => {
        const message = last(chat(dump).filter(isMirrored), 'mirrored message');
        message['text'] = String(message['text']).replace(/^\[B\][^[]+:/u, '[B]Иван Чужой (ТЕЙРОН):');
      }),
    },
    {
      what: "an author swapped in the integrator's list",
      finding: /stands under «Олег Гусев/u,
      falsify: falsified(integrator, (dump) => {
        const comment = mirroredThere(dump);
        comment['description'] = String(comment['description']).replace(
          /<b>[^<]+:/u,
          '<b>Олег Гусев (Ромашка):',
        );
      }),
    },
    {
      what: 'a message doubled',
      finding: /stands here twice/u,
      falsify: falsified(client, (dump) => {
        const messages = chat(dump);
        const message = last(messages.filter(isMirrored), 'mirrored message');
        messages.push({ ...message, id: 999_999 });
      }),
    },
    {
      what: "a file's byte changed",
      finding: /has other bytes/u,
      falsify: falsified(client, (dump) => {
        const files = rows(dump['disk'], 'files').filter(({ name }) => fileNames.has(String(name)));
        flip(last(files, 'file'));
      }),
    },
    {
      what: 'a status off',
      finding: /the status is/u,
      falsify: falsified(client, (dump) => {
        const task = sharedTask(dump);
        task['status'] = task['status'] === 3 ? 2 : 3;
      }),
    },
    {
      what: 'a deadline off by a day',
      finding: /the deadline is/u,
      falsify: falsified(client, (dump) => {
        const task = sharedTask(dump);
        task['deadline'] = new Date(Date.parse(String(task['deadline'])) + 86_400_000).toISOString();
      }),
    },
    {
      what: 'a task doubled',
      finding: /2 tasks are called/u,
      falsify: falsified(client, (dump) => {
        const tasks = rows(dump, 'tasks');
        tasks.push({ ...last(tasks, 'task'), id: 999_999 });
      }),
    },
    {
      what: 'a word of the description lost',
      finding: /the text is/u,
      falsify: falsified(integrator, (dump) => {
        for (const task of rows(dump, 'tasks'))
          task['description'] = String(task['description']).replace(/\p{L}{4,}/u, '');
      }),
    },
    {
      what: "the contractor's name leaked",
      finding: /nobody here may learn/u,
      falsify: falsified(client, (dump) => {
        const messages = rows(last(rows(dump, 'chats'), 'chat'), 'messages');
        // A line of the portal itself: no comment, yet the client's people read it.
        messages.push({ id: 999_999, author: 0, text: `Наблюдатель: ${secret}`, files: [], deleted: false });
      }),
    },
    {
      what: 'the contractor named inside of a file',
      finding: /inside the file.*nobody here may learn/u,
      falsify: falsified(client, (dump) => {
        rows(dump['disk'], 'files').push({
          id: 999_999,
          name: 'заметка.txt',
          base64: Buffer.from(`Делает ${secret}`).toString('base64'),
        });
      }),
    },
  ];
}
