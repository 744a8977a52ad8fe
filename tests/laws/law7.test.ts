/** L7, own footsteps (docs/laws.md). */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AccountId, type LocalStatusId } from '../../errors/ids.ts';
import { fieldRule } from '../../sync/core/context.ts';
import { type Write } from '../../sync/core/operation.ts';
import { plan } from '../../sync/core/plan.ts';
import { withWritten } from '../../sync/core/raw.ts';
import { reconcile } from '../../sync/core/reconcile.ts';
import { type Snapshot } from '../../sync/core/replica.ts';
import { onTheWay, settle } from '../../sync/core/settle.ts';
import { aCase } from './case.ts';
import { edit } from './hands.ts';
import { readingOf, rest, visit } from './rounds.ts';
import { carryOut } from './server.ts';
import { assertLaw, features, least, shares } from './shares.ts';
import { marks, serverOf, type World, worldOf } from './world.ts';

/** What a read of the account may show while an update is under way: before, after each step, half of it, all of it. */
function footsteps(world: World, account: AccountId, write: Write): Snapshot[] {
  const server = serverOf(world, account);
  if (write.kind !== 'task.update' || !server.snapshot) return [];
  const { snapshot } = server;
  const fields = withWritten(server.view, snapshot, write.set);
  const steps = write.status?.steps ?? [];
  /** After each step; a card stays where it is until a step moves it, whether those before it succeeded or not. */
  const way = (from: Snapshot): Snapshot[] => [
    ...steps.map(({ gives, stage = from.stage }) => ({ ...from, status: gives, stage })),
    ...steps.flatMap(({ stage }) => (stage === undefined ? [] : [{ ...from, stage }])),
  ];
  return [snapshot, ...way(snapshot), fields, ...way(fields)];
}

/** The same write by a longer way: over another status first. */
function chained(write: Write, over: LocalStatusId | undefined): Write {
  if (write.kind !== 'task.update' || write.status === null || over === undefined) return write;
  const { status } = write;
  return { ...write, status: { ...status, steps: [{ via: 'set', gives: over }, ...status.steps] } };
}

/** Reads an account and keeps nothing: what the item would become. */
function itemAfter(world: World, account: AccountId, open: readonly Write[]): ReturnType<typeof reconcile> {
  const state = { item: world.item, replicas: world.replicas };
  return reconcile(world.context, state, account, readingOf(world, account), open, marks, world.now + 1_000);
}

test('L7: nothing that a write of ours leaves behind on its way counts as a change by a person', () => {
  const seen = shares();
  assertLaw(
    'L7',
    fc.property(aCase({ troubled: false, edits: 6, kanban: true }), (one) => {
      let chains = 0;
      let strained = 0;
      let lost = 0;
      let cards = 0;
      let cut = 0;
      const world = worldOf(one);
      rest(world);
      for (const step of one.edits) {
        edit(world, step);
        const accounts = [...world.servers.keys()];
        const typist = accounts[step.who % accounts.length];
        if (typist === undefined) continue;
        visit(world, typist);
        for (const account of accounts) {
          const replica = world.replicas.get(account);
          const server = serverOf(world, account);
          if (account === typist || !replica?.shadow || !server.snapshot) continue;
          const { operations } = plan(world.context, world.item, replica, marks, world.now);
          for (const operation of operations) {
            const write = chained(operation.write, server.statuses[step.draw % server.statuses.length]);
            const before: Snapshot = server.snapshot;
            const thread = server.comments;
            if (write.kind === 'task.update') {
              strained += 1;
              if ((write.status?.steps.length ?? 0) > 1) chains += 1;
              if (write.status?.steps.some(({ stage }) => stage !== undefined)) cards += 1;
              for (const shown of footsteps(world, account, write)) {
                server.snapshot = shown;
                expect(itemAfter(world, account, [write]).item.fields).toEqual(world.item.fields);
              }
              // A person's edit of another field meanwhile is still seen.
              if (write.set.title === undefined && fieldRule(world.context, account, 'title')) {
                server.snapshot = { ...before, title: 'Рукой' };
                expect(itemAfter(world, account, [write]).item.fields.title?.value).toBe('Рукой');
              }
              server.snapshot = before;
              // The way was cut anywhere, and the write is over: what stands there is nobody's, and the way goes on from it.
              for (const over of write.status === null ? [] : server.statuses) {
                const way = chained(operation.write, over);
                if (way.kind !== 'task.update' || way.status === null) continue;
                const left = { ...replica, written: { ...replica.written, status: onTheWay(way.status) } };
                const now = world.now + 1_000;
                server.snapshot = { ...before, status: over, statusChangedAt: now };
                const state = { item: world.item, replicas: new Map(world.replicas).set(account, left) };
                const reading = readingOf(world, account);
                const read = reconcile(world.context, state, account, reading, [], marks, now);
                expect(read.item.fields.status).toEqual(world.item.fields.status);
                expect(read.replica.shadow?.status).toBe(over);
                cut += 1;
              }
              server.snapshot = before;
              // Accepted, and nothing of it applied yet: the value before is no put-back.
              const accepted = settle(world.context, world.item, replica, operation, {
                is: 'done',
                at: world.now,
                made: {},
                failures: [],
              });
              const again = reconcile(
                world.context,
                { item: accepted.item, replicas: new Map(world.replicas).set(account, accepted.replica) },
                account,
                readingOf(world, account),
                [],
                marks,
                world.now + 1_000,
              );
              expect(again.item.fields).toEqual(world.item.fields);
            }
            if (write.kind === 'comment.create') {
              // Written, and the answer lost: the copy is found, not taken for a new message.
              lost += 1;
              carryOut(world, server, write);
              const found = itemAfter(world, account, [write]);
              expect(found.item.messages.map(({ id }) => id)).toEqual(
                world.item.messages.map(({ id }) => id),
              );
              expect(found.replica.comments.map(({ message }) => message)).toContain(write.message);
              server.comments = thread;
            }
          }
        }
        rest(world);
      }
      for (const account of world.servers.keys()) {
        // A mirror that carries our mark is never the beginning of an item.
        const { snapshot } = serverOf(world, account);
        if (account !== world.item.origin.account && snapshot)
          expect(snapshot.mark).toBe(marks.task(world.item, account));
      }
      seen.count({
        ...features(one),
        updates: strained > 0,
        'lost comments': lost > 0,
        chains: chains > 0,
        'cards moved by the bridge': cards > 0,
        'cut ways': cut > 0,
      });
    }),
    200,
  );
  seen.hold('L7', {
    ...least,
    'concurrent edits of one field': 3,
    updates: 30,
    'lost comments': 5,
    chains: 2,
    'cards moved by the bridge': 1,
    'cut ways': 2,
  });
});
