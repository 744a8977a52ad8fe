/**
 * Probes of an account, reading only unless writing is allowed: token, acting user, rights, zone, what is left of the day,
 * what the documents leave open.
 */
import { type CheckLine, ConnectorError, type LocalStatus } from '../port.ts';
import { factLines } from '../unknowns.ts';
import { type Answer, type Refused, send, type Session, type Unclear } from './client.ts';
import { statuses } from './people.ts';
import { learnByReading, learnFromThread, learnPlan, learnStatuses } from './probes.ts';
import { Numbered, User } from './schema.ts';
import { scratch } from './scratch.ts';
import { troubleOf } from './troubles.ts';
import { unknowns } from './unknowns.ts';
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
export async function check(session: Session, writes = false): Promise<readonly CheckLine[]> {
  const ping = await send(session, { method: 'GET', path: '/ping' });
  if (failing(ping)) return [failedLine('credential', ping, 'GET /ping')];
  if (ping.is !== 'ok' || ping.data['result'] === undefined) return [notListed('credential', 'GET /ping')];
  const lines: CheckLine[] = [{ about: 'credential', state: 'ok', found: 'the token is accepted' }];
  lines.push(remainingLine(session, ping));
  lines.push(...(await actorLines(session)));
  lines.push(...(await otherLines(session)));
  lines.push(...(await readingLines(session)));
  const known = await statusesOf(session);
  lines.push(statusLine(known));
  const probed = writes
    ? await scratch(session, {
        statuses: known instanceof ConnectorError ? [] : known,
        dates: lines.every(({ about, state }) => about !== 'zone' || state !== 'failed'),
      })
    : [unseenRights];
  // What was written and read back proves the zone better than readings.
  const zone = probed.find(({ about }) => about === 'zone');
  return [
    ...lines.map((line) => (line.about === 'zone' ? (zone ?? line) : line)),
    ...probed.filter((line) => line !== zone || !lines.some(({ about }) => about === 'zone')),
    ...factLines(unknowns, session.findings),
  ];
}

const unseenRights: CheckLine = {
  about: 'scopes: write',
  state: 'unknown',
  found: 'reading does not show them; --scratch would tell',
  todo: 'Grant the token task_add, task_update, comment_add, comment_update, comment_delete and file_add.',
};

function remainingLine(session: Session, ping: Answer): CheckLine {
  const remaining = ping.is === 'ok' ? ping.headers['x-ratelimit-remaining'] : undefined;
  if (remaining === undefined || !/^\d{1,9}$/.test(remaining)) {
    return { about: 'requests left today', state: 'unknown', found: 'the account does not tell' };
  }
  learnPlan(session, Number(remaining));
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

/** The statuses, or why they can not be read. */
async function statusesOf(session: Session): Promise<readonly LocalStatus[] | ConnectorError> {
  try {
    const known = await statuses(session);
    learnStatuses(session, known);
    return known;
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return error;
  }
}

/** Statuses that each assignee has for himself (reference 7). */
function statusLine(known: readonly LocalStatus[] | ConnectorError): CheckLine {
  const about = 'statuses set for each assignee';
  if (known instanceof ConnectorError)
    return { about, state: 'unknown', found: known.trouble.answered ?? known.trouble.code };
  const kept = known.filter(({ individual }) => individual === true);
  if (kept.length === 0) return { about, state: 'ok', found: 'none' };
  return {
    about,
    state: 'warning',
    found: kept.map(({ id, name }) => `"${id}" ${name}`).join(', '),
    todo: 'Nothing where tasks have one assignee. A task with several has such a status only when all of them have it: what the bridge writes may not be taken then, and is listed. Keep the acting user out of the assignees: it would be shown a status of its own.',
  };
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
  const zone = await zoneLine(session, rows);
  const lines: CheckLine[] = [
    { about: 'scope: task_readonly', state: 'ok', found: `${String(numbers.size)} tasks read` },
    zone,
  ];
  await learnByReading(session, rows, zone.state);
  const first = Numbered.safeParse(rows[0]);
  if (first.success) {
    const path = `/task/${first.data.id}/comments/list`;
    const comments = await send(session, {
      method: 'POST',
      path,
      json: {
        offset: 0,
        pageSize: 1,
        fields: 'id,dateTime',
        typeList: 'Comments',
        resultOrder: [{ field: 'id', direction: 'Desc' }],
      },
    });
    if (comments.is === 'ok' && Array.isArray(comments.data['comments']))
      learnFromThread(session, rows[0], comments.data['comments'] as unknown[]);
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
