/** Read-only probes of an account: token, acting user, rights as far as reading shows them, zone, what is left of the day. */
import { type CheckLine, ConnectorError } from '../port.ts';
import { type Answer, type Refused, send, type Session, type Unclear } from './client.ts';
import { statuses } from './people.ts';
import { Numbered, User } from './schema.ts';
import { troubleOf } from './troubles.ts';
import { datedTasks, zoneLine } from './zone.ts';

type Failing = Refused | Unclear;

const failing = (answer: Answer): answer is Failing => answer.is === 'refused' || answer.is === 'unclear';

function failedLine(about: string, answer: Failing, tried: string): CheckLine {
  const trouble = troubleOf(answer, about, tried);
  return { about, state: 'failed', found: trouble.answered ?? trouble.code, todo: trouble.todo };
}

/** A good envelope without what was asked for. */
const notListed = (about: string, tried: string): CheckLine => ({
  about,
  state: 'failed',
  found: `${tried}: the answer lacks what was asked for`,
  todo: 'Check that the address of the account is that of its REST API.',
});

const lists = (answer: Answer, key: string): boolean => answer.is === 'ok' && Array.isArray(answer.data[key]);

/** See Connector.check. Never throws: what fails is a line. */
export async function check(session: Session): Promise<readonly CheckLine[]> {
  const ping = await send(session, { method: 'GET', path: '/ping' });
  if (failing(ping)) return [failedLine('credential', ping, 'GET /ping')];
  if (ping.is !== 'ok' || ping.data['result'] === undefined) return [notListed('credential', 'GET /ping')];
  const lines: CheckLine[] = [{ about: 'credential', state: 'ok', found: 'the token is accepted' }];
  lines.push(remainingLine(ping));
  lines.push(...(await actorLines(session)));
  lines.push(...(await otherLines(session)));
  lines.push(...(await readingLines(session)));
  lines.push(await statusLine(session));
  lines.push({
    about: 'scopes: write',
    state: 'unknown',
    found: 'reading does not show them',
    todo: 'Grant the token task_add, task_update, comment_add, comment_update, comment_delete and file_add.',
  });
  return lines;
}

function remainingLine(ping: Answer): CheckLine {
  const remaining = ping.is === 'ok' ? ping.headers['x-ratelimit-remaining'] : undefined;
  if (remaining === undefined || !/^\d{1,9}$/.test(remaining)) {
    return { about: 'requests left today', state: 'unknown', found: 'the account does not tell' };
  }
  const few = Number(remaining) < 1000;
  return {
    about: 'requests left today',
    state: few ? 'warning' : 'ok',
    found: `about ${remaining}`,
    ...(few ? { todo: 'See what else uses the API of this account, or take a larger plan.' } : {}),
  };
}

async function actorLines(session: Session): Promise<readonly CheckLine[]> {
  const { actor } = session.settings;
  const number = /^user:(\d+)$/.exec(actor)?.[1];
  if (number === undefined) {
    const todo = 'Name the robot as "user:N" (account add).';
    return [{ about: 'acting user', state: 'failed', found: `"${actor}" is no employee's id`, todo }];
  }
  const path = `/user/${number}`;
  const fields = 'id,name,lastname,role,status,email,isDeleted';
  const answer = await send(session, { method: 'GET', path, query: { fields } });
  if (failing(answer)) return [failedLine('acting user', answer, `GET ${path}`)];
  const user = User.safeParse(answer.is === 'ok' ? answer.data['user'] : undefined);
  if (!user.success) {
    return [{ about: 'acting user', state: 'failed', found: 'the answer shows no employee' }];
  }
  const { role, status, name, lastname } = user.data;
  const found = `${[name, lastname].join(' ').trim()}, role ${role ?? 'unknown'}, ${status ?? 'status unknown'}`;
  const authored = 'right: write comments as others';
  if (status === 'Inactive' || user.data.isDeleted === true) {
    return [{ about: 'acting user', state: 'failed', found, todo: 'Take the token of an active robot.' }];
  }
  if (role === 'Robot') {
    return [
      { about: 'acting user', state: 'ok', found },
      { about: authored, state: 'ok', found: 'a robot has the rights of an administrator' },
    ];
  }
  const todo = 'Make a robot in Planfix and give the bridge its token.';
  const admin = role === 'Admin';
  return [
    { about: 'acting user', state: 'warning', found: `${found}: a person, who is notified of tasks`, todo },
    admin
      ? { about: authored, state: 'ok', found: 'an administrator may' }
      : { about: authored, state: 'failed', found: 'an employee may not set author and time', todo },
  ];
}

/** Statuses that each assignee has for himself (reference 7). */
async function statusLine(session: Session): Promise<CheckLine> {
  const about = 'statuses set for each assignee';
  try {
    const kept = (await statuses(session)).filter(({ individual }) => individual === true);
    if (kept.length === 0) return { about, state: 'ok', found: 'none' };
    return {
      about,
      state: 'warning',
      found: kept.map(({ id, name }) => `"${id}" ${name}`).join(', '),
      todo: 'Nothing where tasks have one assignee. A task with several has such a status only when all of them have it: what the bridge writes may not be taken then, and is listed. Keep the acting user out of the assignees: it would be shown a status of its own.',
    };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { about, state: 'unknown', found: error.trouble.answered ?? error.trouble.code };
  }
}

/** The account's other actors: no method tells whose token it is, but whether it is taken. */
async function otherLines(session: Session): Promise<readonly CheckLine[]> {
  const { settings } = session;
  const lines: CheckLine[] = [];
  for (const { person, url, token } of settings.actors ?? []) {
    const about = `actor ${person}`;
    const ping = await send(
      { ...session, settings: { ...settings, url, token } },
      { method: 'GET', path: '/ping' },
    );
    lines.push(
      failing(ping)
        ? {
            ...failedLine(about, ping, 'GET /ping'),
            todo: `Give the token again: svyazka account actor add ${settings.account}`,
          }
        : { about, state: 'ok', found: 'the token is accepted; whose it is, Planfix does not tell' },
    );
  }
  return lines;
}

async function readingLines(session: Session): Promise<readonly CheckLine[]> {
  const tried = `POST ${datedTasks.path}`;
  const listed = await send(session, datedTasks);
  if (failing(listed)) return [failedLine('scope: task_readonly', listed, tried)];
  if (!lists(listed, 'tasks')) return [notListed('scope: task_readonly', tried)];
  const rows =
    listed.is === 'ok' && Array.isArray(listed.data['tasks']) ? (listed.data['tasks'] as unknown[]) : [];
  const numbers = new Set(rows.flatMap((row) => Numbered.safeParse(row).data?.id ?? []));
  const lines: CheckLine[] = [
    { about: 'scope: task_readonly', state: 'ok', found: `${String(numbers.size)} tasks read` },
    await zoneLine(session, rows),
  ];
  const first = Numbered.safeParse(rows[0]);
  if (first.success) {
    const path = `/task/${first.data.id}/comments/list`;
    const comments = await send(session, {
      method: 'POST',
      path,
      json: { offset: 0, pageSize: 1, fields: 'id', typeList: 'Comments' },
    });
    lines.push(
      failing(comments)
        ? failedLine('scope: comment_readonly', comments, `POST ${path}`)
        : !lists(comments, 'comments')
          ? notListed('scope: comment_readonly', `POST ${path}`)
          : {
              about: 'scope: comment_readonly',
              state: 'ok',
              found: `comments of task ${first.data.id} read`,
            },
    );
  }
  const contacts = await send(session, {
    method: 'POST',
    path: '/contact/list',
    json: { offset: 0, pageSize: 1, fields: 'id' },
  });
  lines.push(
    failing(contacts)
      ? failedLine('scope: contact_readonly', contacts, 'POST /contact/list')
      : !lists(contacts, 'contacts')
        ? notListed('scope: contact_readonly', 'POST /contact/list')
        : { about: 'scope: contact_readonly', state: 'ok', found: 'contacts read' },
  );
  const users = await send(session, {
    method: 'POST',
    path: '/user/list',
    json: { offset: 0, pageSize: 1, fields: 'id' },
  });
  lines.push(
    failing(users)
      ? failedLine('scope: user_readonly', users, 'POST /user/list')
      : !lists(users, 'users')
        ? notListed('scope: user_readonly', 'POST /user/list')
        : { about: 'scope: user_readonly', state: 'ok', found: 'employees read' },
  );
  return lines;
}
