/** `svyazka status | item | retry` */
import { as, type AccountId, type LocalTaskId, type SpaceId } from '../../errors/ids.ts';
import { catalogue } from '../../errors/trouble.ts';
import { fieldNames } from '../../mappings/types.ts';
import { type LoadedItem } from '../../store/port.ts';
import { type Replica } from '../../sync/core/replica.ts';
import { allow } from '../../sync/engine/guard.ts';
import { retry } from '../../sync/engine/link.ts';
import { pauseOf } from '../../sync/engine/pause.ts';
import { applicationLines } from './application.ts';
import { counted, failed, type Io, missing, table, taskRef } from './io.ts';
import { accountOf, accountsOf, engineOf, mappingsOf, type Session } from './session.ts';
import { directoryOf, withoutRow, withoutRowText } from './withoutRow.ts';

const when = (at: number | null): string =>
  at === null ? 'never' : `${new Date(at).toISOString().slice(0, 19)}Z`;

/** What waits, what is stuck and why, for every account and space. */
export async function status(session: Session, io: Io): Promise<void> {
  const { store } = session.opened;
  const accounts = await accountsOf(session);
  const due = await store.due(null);
  const open = await store.openOperations(null);
  const mappings = await mappingsOf(session, accounts);
  const now = Date.now();
  io.say(`${counted(accounts.length, 'account')}, ${counted(mappings.size, 'space')} in force`);
  if (accounts.length === 0) io.say(missing.accounts);
  else if (mappings.size === 0) io.say(missing.mappings);
  const rows = accounts.map(({ account, kind }) => {
    const mine = due.filter((row) => row.account === account);
    const waiting = mine.filter((row) => row.dueAt <= now);
    const oldest = waiting.reduce((age, row) => Math.max(age, now - row.dueAt), 0);
    return {
      account,
      kind,
      due: waiting.length,
      later: mine.length - waiting.length,
      oldestSeconds: Math.round(oldest / 1000),
      unknown: open.filter((row) => row.account === account).length,
      trouble: mine.find((row) => row.trouble)?.trouble ?? null,
    };
  });
  if (io.json) for (const row of rows) io.result({ record: 'account', ...row }, '');
  else if (rows.length > 0)
    io.say(
      table([
        ['account', 'kind', 'due', 'later', 'oldest', 'open writes', 'trouble'],
        ...rows.map((row) => [
          row.account,
          row.kind,
          String(row.due),
          String(row.later),
          `${String(row.oldestSeconds)} s`,
          String(row.unknown),
          row.trouble ? `${row.trouble.code}: ${row.trouble.answered ?? row.trouble.todo}` : '',
        ]),
      ]),
    );
  for (const { account } of accounts) {
    const pause = await pauseOf(store, account);
    if (pause !== null)
      io.result(
        { record: 'pause', account, ...pause },
        [
          `\n${account} is paused since ${when(pause.since)}, ${pause.trouble.code}: ${pause.trouble.answered ?? ''}`,
          `      What is to be done there is kept. It is asked again at ${when(pause.until)}, by itself.`,
          `      → ${pause.trouble.todo}`,
        ].join('\n'),
      );
  }
  for (const account of accounts)
    for (const line of await applicationLines(session, account))
      if (line.state !== 'ok')
        io.result(
          { record: 'application', account: account.account, ...line },
          `\n${account.account} ${line.about}: ${line.found}\n      → ${line.todo ?? ''}`,
        );
  const directory = await directoryOf(session, accounts);
  for (const [space, mapping] of mappings) {
    const items = await store.loadItems(await store.listItems(space));
    const troubles = items.flatMap((one) =>
      one.replicas.flatMap((replica) => troublesOf(replica).map((trouble) => ({ replica, trouble }))),
    );
    const people = withoutRow(mapping, directory, items);
    io.result(
      {
        record: 'space',
        space,
        version: mapping.version,
        items: items.length,
        troubles: troubles.length,
        withoutRow: people.length,
      },
      `\n${space} (version ${String(mapping.version)}): ${counted(items.length, 'item')}, ${counted(troubles.length, 'trouble')}, ${counted(people.length, 'person', 'people')} without a row`,
    );
    const held = new Set(
      troubles.flatMap(({ replica, trouble }) => (trouble.code === 'E-MANY-AT-ONCE' ? [replica.item] : [])),
    ).size;
    if (held > 0)
      io.result(
        { record: 'held', space, tasks: held, todo: `svyazka allow ${space}` },
        `  ${counted(held, 'task waits', 'tasks wait')}: many were closed or lost something at once, and nothing of that was passed on.\n      → if it is meant: svyazka allow ${space}`,
      );
    const most = io.json ? Infinity : 20;
    for (const { replica, trouble } of troubles.slice(0, most))
      io.result(
        { record: 'trouble', space, account: replica.account, task: replica.task, ...trouble },
        `  ${replica.account}:${replica.task ?? '(new)'} ${trouble.code} ${trouble.about}: ${trouble.answered ?? trouble.wanted ?? ''}\n      → ${trouble.todo}`,
      );
    if (troubles.length > most) io.say(`  … and ${String(troubles.length - most)} more: --json lists all`);
    for (const one of people.slice(0, most))
      io.result({ record: 'person without a row', space, ...one }, withoutRowText(one));
    if (people.length > most) io.say(`  … and ${String(people.length - most)} people more: --json lists all`);
  }
  const rejected = await store.rejectedHints(5);
  if (rejected.length > 0) {
    io.say('\nWebhooks that were not used, newest first:');
    for (const hint of rejected)
      io.result({ record: 'rejected hint', ...hint }, `  ${when(hint.at)} ${hint.account}: ${hint.why}`);
  }
}

const troublesOf = (replica: Replica) => [
  ...Object.values(replica.blocked).map(({ trouble, retryAt, tries }) => ({
    ...trouble,
    nextTry: retryAt === null ? 'on change, or: svyazka retry' : when(retryAt),
    tries,
  })),
  ...replica.troubles
    .filter(
      (trouble) =>
        !Object.values(replica.blocked).some(
          ({ trouble: other }) => other.code === trouble.code && other.about === trouble.about,
        ),
    )
    .map((trouble) => ({ ...trouble, nextTry: 'on change', tries: 0 })),
];

async function itemsOf(session: Session, text: string): Promise<readonly LoadedItem[]> {
  const { account, task } = taskRef(text);
  await accountOf(session, account);
  const found = await session.opened.store.loadByTask([
    { account: as<AccountId>(account), task: as<LocalTaskId>(task) },
  ]);
  if (found.length === 0)
    throw failed(
      `${text} is not shared. A task is shared when its scope holds it or it names a stand-in; a hint or the sweep brings it in.`,
    );
  return found;
}

/** Both sides of a task, what the bridge last agreed with each, and why it looks as it does. */
export async function item(session: Session, io: Io, text: string): Promise<void> {
  const items = await itemsOf(session, text);
  const accounts = await accountsOf(session);
  const mappings = await mappingsOf(session, accounts);
  const directory = await directoryOf(session, accounts);
  for (const one of items) {
    const operations = await session.opened.store.operationsOf(one.item.id, 10);
    const mapping = mappings.get(one.item.space);
    const people = mapping ? withoutRow(mapping, directory, [one]) : [];
    if (io.json) {
      io.result({ item: one.item, replicas: one.replicas, operations, withoutRow: people }, '');
      continue;
    }
    io.say(`${one.item.id}  ${one.item.state}  began as ${one.item.origin.account}:${one.item.origin.task}`);
    io.say(
      table(
        fieldNames.flatMap((name) => {
          const state = one.item.fields[name];
          return state ? [[`  ${name}`, shown(state.value), `by ${state.by}, ${when(state.at)}`]] : [];
        }),
      ),
    );
    for (const replica of one.replicas) {
      const { shadow } = replica;
      io.say(
        `\n${replica.account}:${replica.task ?? '(to be created)'}  ${replica.state}, read ${when(replica.readAt)}`,
      );
      if (shadow)
        io.say(
          table([
            ['  title', shadow.title],
            ['  status', shadow.status],
            ['  assignees', shadow.assignees.join(', ')],
            ['  deadline', shadow.deadline === null ? '-' : when(shadow.deadline.at)],
            [
              '  comments',
              `${String(replica.comments.length)} known, thread read in full ${when(replica.threadReadAt)}`,
            ],
            ['  files', String(new Set(replica.files.map(({ file }) => file)).size)],
          ]),
        );
      for (const trouble of troublesOf(replica))
        io.say(
          `  ! ${trouble.code} ${trouble.about}: ${catalogue[trouble.code].public} ${trouble.answered ?? trouble.wanted ?? ''}\n      → ${trouble.todo} (next try: ${trouble.nextTry})`,
        );
    }
    for (const conflict of one.item.conflicts.slice(-5))
      io.say(
        `\n  conflict ${when(conflict.at)} ${conflict.field}: "${shown(conflict.won.value)}" (${conflict.won.by}) over "${shown(conflict.lost.value)}" (${conflict.lost.by}), by ${conflict.settled}`,
      );
    if (people.length > 0)
      io.say(`\nPeople without a row in the mapping:\n${people.map(withoutRowText).join('\n')}`);
    io.say('\nLast writes, newest first:');
    for (const row of operations)
      io.say(
        `  ${when(row.updatedAt)} ${row.account} ${row.planned.key} ${row.state}${row.outcome && 'trouble' in row.outcome ? ` ${row.outcome.trouble.code}: ${row.outcome.trouble.answered ?? ''}` : ''}`,
      );
  }
}

function shown(value: unknown): string {
  if (value === null) return '-';
  if (Array.isArray(value)) return value.map(shown).join(', ') || '-';
  if (typeof value !== 'object') return String(value);
  if ('markup' in value) return String(value.markup).slice(0, 60);
  if ('at' in value) return when(Number(value.at));
  if ('home' in value)
    return 'person' in value ? `${String(value.home)}/${String(value.person)}` : String(value.home);
  return JSON.stringify(value);
}

/** Lets through what waits because many tasks were closed or emptied at once. */
export async function allowSpace(session: Session, io: Io, text: string): Promise<void> {
  const space = as<SpaceId>(text);
  const deps = await engineOf(session, []);
  const known = (await session.opened.store.latestMappings()).some((row) => row.space === space);
  if (!known) throw failed(`There is no space ${text}: svyazka status lists them.`);
  const items = await allow(deps, space);
  io.result(
    { space, items },
    items.length === 0
      ? `Nothing is held in ${text}.`
      : `${text}: what was held in ${counted(items.length, 'task')} is written by the running bridge.`,
  );
}

/** Forgets what blocks a task and has every copy read afresh. */
export async function retryTask(session: Session, io: Io, text: string): Promise<void> {
  const deps = await engineOf(session, []);
  for (const one of await itemsOf(session, text)) {
    if (!(await retry(deps, one))) throw failed(`${one.item.id} changed at the same moment. Run it again.`);
    io.result({ item: one.item.id }, `${one.item.id}: tried again by the running bridge.`);
  }
}
