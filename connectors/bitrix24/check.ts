/** Probes of an account, reading only unless writing is allowed: credential, acting user, scopes, rights, features, limits. */
import { type CheckLine } from '../port.ts';
import { factLines } from '../unknowns.ts';
import { detect } from './detect.ts';
import { type Answer, troubleOf } from './failure.ts';
import { ListedTask, Profile, TaskList, TaskResult, TaskRow, User } from './schema.ts';
import { limitLine, personLines, rightCommands, rightLines, taskOf } from './rights.ts';
import { readUnknowns } from './readings.ts';
import { scratch } from './scratch.ts';
import { type Session } from './session.ts';
import { unknowns } from './unknowns.ts';

/** Scopes that the connector's methods need, and what for. */
const scopes: readonly { readonly names: readonly string[]; readonly use: string; readonly must: boolean }[] =
  [
    { names: ['task', 'tasks'], use: 'tasks and comments of the old card', must: true },
    { names: ['im'], use: 'chats of tasks', must: true },
    { names: ['disk'], use: 'files', must: true },
    { names: ['user', 'user_basic'], use: 'people and their e-mail', must: true },
  ];

const refusedLine = (about: string, answer: Answer | undefined, method: string): CheckLine => {
  if (answer?.is !== 'failed') return { about, state: 'unknown', found: 'no answer' };
  const { answered, todo } = troubleOf(answer, about, method);
  return { about, state: 'failed', found: answered ?? 'refused', todo };
};

function actorLines(session: Session, answer: Answer | undefined): CheckLine[] {
  const profile = Profile.safeParse(answer?.is === 'ok' ? answer.result : null);
  if (!profile.success) return [refusedLine('acting user', answer, 'profile')];
  const { actor } = session.settings;
  const same = profile.data.ID === actor;
  const admin = profile.data.ADMIN;
  return [
    {
      about: 'acting user',
      state: same ? 'ok' : 'failed',
      found: `the credential acts as user ${profile.data.ID}`,
      ...(same
        ? {}
        : { todo: `The account names user ${actor}: make the webhook as that user, or name the other one.` }),
    },
    admin
      ? { about: 'right: write all fields of tasks', state: 'ok', found: 'administrator' }
      : {
          about: 'right: write all fields of tasks',
          state: 'warning',
          found: 'not an administrator',
          todo: 'Titles, deadlines, acceptance and edits of comments need an administrator or the creator of each task: make the acting user one.',
        },
  ];
}

const grantedIn = (answer: Answer | undefined): readonly string[] =>
  answer?.is === 'ok' && Array.isArray(answer.result) ? (answer.result as unknown[]).map(String) : [];

function scopeLines(answer: Answer | undefined): CheckLine[] {
  const given = grantedIn(answer);
  if (given.length === 0) return [refusedLine('scopes', answer, 'scope')];
  return scopes.map(({ names, use, must }) => {
    const has = names.find((name) => given.includes(name));
    const about = `scope: ${names.join(' or ')}`;
    if (has !== undefined) return { about, state: 'ok', found: has };
    return {
      about,
      state: must ? 'failed' : 'warning',
      found: 'missing',
      todo: `Add it to the incoming webhook or the application: it is needed for ${use}.`,
    };
  });
}

function mailLine(answer: Answer | undefined): CheckLine {
  const user = User.safeParse(answer?.is === 'ok' ? answer.result : null);
  if (!user.success) return refusedLine('people', answer, 'user.current');
  const seen = user.data.EMAIL !== null && user.data.EMAIL !== undefined && user.data.EMAIL !== '';
  return {
    about: 'people',
    state: seen ? 'ok' : 'warning',
    found: seen ? 'e-mail is told' : 'the acting user shows no e-mail',
    ...(seen ? {} : { todo: 'Give the webhook the scope user or user_basic, or map people by rows.' }),
  };
}

function cardLine(listed: Answer | undefined, got: Answer | undefined): CheckLine {
  const about = 'task card';
  const list = listed?.is === 'ok' ? TaskList.safeParse(listed.result) : null;
  if (list?.success !== true) return refusedLine(about, listed, 'tasks.task.list');
  const newest = ListedTask.safeParse(list.data[0]);
  if (!newest.success) return { about, state: 'unknown', found: 'no task is visible yet' };
  const result = TaskResult.safeParse(got?.is === 'ok' ? got.result : null);
  const row = TaskRow.pick({ chatId: true }).safeParse(result.success ? result.data : null);
  if (!row.success) return { about, state: 'unknown', found: 'the newest task could not be read' };
  return row.data.chatId === null
    ? { about, state: 'ok', found: 'old card: comments carry their author' }
    : {
        about,
        state: 'ok',
        found: 'new card: comments are messages of a chat, in the name of the acting user',
      };
}

/** The account's other actors: whose their credentials are, and whether they are the administrators they are said to be. */
async function otherLines({ settings, actors }: Session): Promise<readonly CheckLine[]> {
  const lines: CheckLine[] = [];
  for (const { person, administrator } of settings.actors ?? []) {
    const about = `actor ${person}`;
    const again = `svyazka account actor add ${settings.account}`;
    const answer = await actors.get(person)?.call('profile', {});
    const profile = Profile.safeParse(answer?.is === 'ok' ? answer.result : null);
    if (!profile.success) {
      lines.push({ ...refusedLine(about, answer, 'profile'), todo: `Give the credential again: ${again}` });
      continue;
    }
    const { ID: told, ADMIN: admin } = profile.data;
    const found = `the credential acts as user ${told}, ${admin ? 'an administrator' : 'no administrator'}`;
    if (told !== person)
      lines.push({ about, state: 'failed', found, todo: `Give a credential of user ${person}: ${again}` });
    else if (admin === administrator) lines.push({ about, state: 'ok', found });
    else
      lines.push({
        about,
        state: 'warning',
        found,
        todo: `Give the credential again ${admin ? 'with' : 'without'} --administrator: ${again}`,
      });
  }
  return lines;
}

/** See Connector.check. An account that does not answer is one failed line. */
export async function check(session: Session, writes = false): Promise<readonly CheckLine[]> {
  const { client } = session;
  const list = { select: ['ID'], order: { ID: 'desc' }, start: -1 };
  const first = await client.run([
    { key: 'profile', method: 'profile', params: {} },
    { key: 'scope', method: 'scope', params: {} },
    { key: 'user', method: 'user.current', params: {} },
    { key: 'list', method: 'tasks.task.list', params: list },
    ...rightCommands,
  ]);
  const answers = [...first.values()];
  const [one] = answers;
  if (one?.is === 'failed' && answers.every((answer) => answer === one))
    return [refusedLine('credential', one, 'batch')];
  const listed = first.get('list');
  const rows = listed?.is === 'ok' ? TaskList.safeParse(listed.result) : null;
  const newest = ListedTask.safeParse(rows?.success === true ? rows.data[0] : null);
  const got = newest.success
    ? await client.call('tasks.task.get', { taskId: newest.data.id, select: ['ID', 'CHAT_ID'] })
    : undefined;
  const task = taskOf(got);
  const chat =
    task?.chat == null
      ? undefined
      : await client.call('im.dialog.messages.get', { DIALOG_ID: `chat${task.chat}`, LIMIT: 1 });
  const profile = first.get('profile');
  const person = Profile.safeParse(profile?.is === 'ok' ? profile.result : null);
  await detect(session);
  await readUnknowns(session, grantedIn(first.get('scope')));
  const probed = writes ? await scratch(session) : [];
  const moved = client.movedTo();
  return [
    {
      about: 'credential',
      state: 'ok',
      found: session.settings.application ? 'the application is accepted' : 'the webhook is accepted',
    },
    ...actorLines(session, first.get('profile')),
    ...(await otherLines(session)),
    ...scopeLines(first.get('scope')),
    mailLine(first.get('user')),
    ...rightLines(first),
    ...personLines(person.success && person.data.ADMIN, task, chat),
    cardLine(listed, got),
    ...probed,
    limitLine(session),
    {
      about: 'silent writes',
      state: 'warning',
      found: 'Bitrix24 has no way to change a task without telling its people',
    },
    {
      about: 'events',
      state: 'unknown',
      found: 'an incoming webhook can not ask whether the outgoing one reaches the bridge',
      todo: 'Change any task in the portal and look whether the bridge counts an event.',
    },
    ...(moved === null
      ? []
      : [
          {
            about: 'address',
            state: 'warning' as const,
            found: `the portal has moved to ${moved}`,
            todo: 'Give the account the new address.',
          },
        ]),
    ...factLines(unknowns, session.findings),
  ];
}
