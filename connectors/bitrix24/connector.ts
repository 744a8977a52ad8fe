/** A Bitrix24 account behind the connectors' port. */
import { bounded } from '../bounded.ts';
import { type Findings, findingsOf } from '../findings.ts';
import { type Connector, type MakeConnector } from '../port.ts';
import { batchMax } from './batch.ts';
import { readChatLog, readerOf } from './chatLog.ts';
import { check } from './check.ts';
import { detect } from './detect.ts';
import { makeClient } from './client.ts';
import { openFile } from './files.ts';
import { people } from './people.ts';
import { read } from './read.ts';
import { type Session } from './session.ts';
import { stages } from './stages.ts';
import { statusList } from './statuses.ts';
import { changedSince } from './sweep.ts';
import { factsIn, makeView } from './view.ts';
import { find, write } from './write.ts';

/** Four pages of a list in one request; more would keep what is urgent waiting for the threads of them all. */
const tasksRead = 200;

/** get + update + get, and a list where it guards them: what most changes of a task put into a batch. */
const commandsPerChange = (findings: Findings): number =>
  findings.value('compare-and-set') === 'guarded' ? 4 : 3;

/** `settings.url` is the address of an incoming webhook, the secret in it. */
export const makeBitrix24: MakeConnector = bounded((settings, runtime): Connector => {
  const { application: _, findings: __, ...byWebhook } = settings;
  const findings = settings.findings ?? findingsOf();
  const facts = factsIn(findings);
  const session: Session = {
    settings,
    runtime,
    client: makeClient({ ...settings, findings }, runtime),
    findings,
    facts,
    reused: new Map(),
    actors: new Map(
      (settings.actors ?? []).map(({ person, url }) => [person, makeClient({ ...byWebhook, url }, runtime)]),
    ),
    attachments: new Map(),
    storage: null,
    astray: null,
  };
  return {
    account: settings.account,
    kind: 'bitrix24',
    batch: { read: tasksRead, write: Math.floor(batchMax / commandsPerChange(session.findings)) },
    serverMaxMs: settings.serverMaxMs,
    read: (requests, alongside) => read(session, requests, alongside),
    write: (writes, open) => write(session, writes, open),
    find: (sought) => find(session, sought),
    changedSince: (cursor) => changedSince(session, cursor),
    changes: { reader: readerOf(session), read: (cursor) => readChatLog(session, cursor) },
    people: () => people(session),
    statuses: () => Promise.resolve(statusList),
    stages: (group) => stages(session, group),
    openFile: (task, comment, file) => openFile(session, task, comment, file),
    check: (options) => check(session, options?.scratch),
    detect: () => detect(session),
    view: (known) => makeView(settings, known, facts),
  };
});
