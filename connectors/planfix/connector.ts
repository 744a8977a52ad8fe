/** The Planfix connector: the port's functions over one account. Every request goes out through `runtime.http`. */
import { bounded } from '../bounded.ts';
import { findingsOf } from '../findings.ts';
import { type MakeConnector } from '../port.ts';
import { check } from './check.ts';
import { type Session } from './client.ts';
import { openFile } from './files.ts';
import { find } from './find.ts';
import { noMarksSeen } from './marks.ts';
import { objects } from './objects.ts';
import { people, statuses } from './people.ts';
import { read } from './read.ts';
import { recentComments } from './recent.ts';
import { changedSince } from './sweep.ts';
import { planfixView } from './view.ts';
import { write } from './write.ts';
import { nothingKnown, proveZone } from './zone.ts';

export const makePlanfix: MakeConnector = bounded((settings, runtime) => {
  const session: Session = {
    settings,
    runtime,
    findings: settings.findings ?? findingsOf(),
    zone: nothingKnown(),
    marks: noMarksSeen(),
  };
  return {
    account: settings.account,
    kind: 'planfix',
    batch: { read: 100, write: 1 },
    serverMaxMs: settings.serverMaxMs,
    read: (requests) => read(session, requests),
    write: (writes, open) => write(session, writes, open),
    find: (one) => find(session, one),
    changedSince: (cursor) => changedSince(session, cursor),
    recentComments: (since) => recentComments(session, since),
    people: () => people(session),
    statuses: () => statuses(session),
    objects: () => objects(session),
    openFile: (_task, _comment, file) => openFile(session, file),
    check: (options) => check(session, options?.scratch === true),
    proveZone: () => proveZone(session),
    view: (known) => planfixView(settings, known),
  };
});
