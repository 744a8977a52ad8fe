/** One method, one hostile answer at one place: what must hold whatever comes. */
import { ConnectorError, type SweepCursor } from '../../connectors/port.ts';
import { catalogue, type Trouble } from '../../errors/trouble.ts';
import { TransportError } from '../../runtime/runtime.ts';
import { type Outcome, type Write } from '../../sync/core/operation.ts';
import { type Account, type Bench, truth } from './account.ts';
import { type Hostile } from './conversation.ts';
import { type Feed, openSource, type ReadCase, same, walked, type WriteCase } from './methods.ts';

export interface Trial {
  /** False where this way of going wrong means nothing at this place. */
  readonly ran: boolean;
  readonly wrong: readonly string[];
}

const minute = 60_000;
const longestWaitMs = 25 * 3_600_000;

const oursIn = (trouble: Trouble): readonly string[] => {
  if (!(trouble.code in catalogue)) return [`unknown trouble ${trouble.code}`];
  if (trouble.code === 'E-OURS') return [`took it for our fault: ${trouble.answered ?? ''}`];
  return trouble.todo === '' ? ['says nothing of what to do'] : [];
};

const troublesIn = (outcome: Outcome): readonly Trouble[] =>
  outcome.is === 'done' ? outcome.failures : outcome.is === 'queued' ? [] : [outcome.trouble];

async function written(bench: Bench, one: Write): Promise<Outcome> {
  const outcomes = await bench.connector.write([one], openSource);
  const [outcome] = outcomes;
  if (outcome === undefined || outcomes.length !== 1)
    throw new Error(`${String(outcomes.length)} outcomes for one write`);
  return outcome;
}

const isCreation = (one: Write): one is Extract<Write, { kind: 'task.create' | 'comment.create' }> =>
  one.kind === 'task.create' || one.kind === 'comment.create';

/** Goes on as the engine does until the write is settled; what was wrong on the way. */
async function recovered(
  bench: Bench,
  one: WriteCase,
  plan: Write,
  first: Outcome,
  hostile: Hostile,
): Promise<readonly string[]> {
  let outcome = first;
  const settled = (count: number): readonly string[] =>
    count === 1 ? [] : [`stands ${String(count)} times`];
  for (let tries = 0; tries < 6; tries += 1) {
    const now = await truth(bench);
    const count = one.stands(bench, now);
    if (outcome.is === 'done') {
      if (count >= 1) return settled(count);
      const told = outcome.failures.length > 0 || (outcome.after !== undefined && one.kept === 'read back');
      if (!told) return ['done, and nothing is there'];
      bench.advance(minute);
    } else if (outcome.is === 'queued') {
      bench.advance(2 * 3_600_000);
      const later = one.stands(bench, await truth(bench));
      if (later >= 1) return settled(later);
      if (hostile.says === 'broken') return ['queued, though nobody said so'];
    } else if (outcome.is === 'refused') {
      if (count > 0 && tries === 0 && hostile.says === 'broken' && one.idempotent !== true)
        return ['surely not carried out, and it was'];
      const wait = outcome.retryAt === undefined ? 0 : outcome.retryAt - bench.now();
      if (wait > longestWaitMs) return [`waits for ${String(wait)} ms`];
      bench.advance(wait);
    } else {
      bench.advance(outcome.notBefore - bench.now());
      if (isCreation(plan)) {
        const found = await bench.connector.find(plan);
        if (found.is === 'cannot-tell') return [`can't tell: ${JSON.stringify(found.trouble)}`];
        if (found.is !== 'nothing') return count >= 1 ? settled(count) : ['found, and nothing is there'];
        if (count >= 1) return ['not found, and it is there'];
      } else if (count >= 1) return settled(count);
    }
    outcome = await written(bench, one.plan(bench, now));
  }
  return [`never comes about: ${JSON.stringify(outcome)}`];
}

export async function tryWrite(
  account: Account,
  one: WriteCase,
  hostile: Hostile,
  position: number,
): Promise<Trial> {
  const bench = account.copy();
  const plan = one.plan(bench, account.truth);
  bench.talk.spoil(hostile, position);
  let outcome: Outcome;
  try {
    outcome = await written(bench, plan);
  } catch (error) {
    return { ran: true, wrong: [`write threw ${String(error)}`] };
  }
  if (bench.talk.spoilt() === 0) return { ran: false, wrong: [] };
  const wrong: string[] = [...bench.talk.faults(), ...troublesIn(outcome).flatMap(oursIn)];
  if (outcome.is === 'unknown' && outcome.notBefore < outcome.at + bench.connector.serverMaxMs)
    wrong.push('would look it up while the server may still be at it');
  bench.talk.calm();
  const clean = outcome.is === 'done' && outcome.failures.length === 0;
  if (hostile.says === 'same' && !clean) wrong.push(`not done: ${JSON.stringify(outcome)}`);
  if (hostile.says === 'lie') return { ran: true, wrong };
  try {
    wrong.push(...(await recovered(bench, one, plan, outcome, hostile)));
  } catch (error) {
    wrong.push(`afterwards: ${String(error)}`);
  }
  wrong.push(...bench.talk.faults().filter((fault) => !wrong.includes(fault)));
  return { ran: true, wrong: wrong.map((what) => `${what} (first ${outcome.is})`) };
}

/** An error in the port's own words, or what else was thrown. */
function judgeError(error: unknown, bench: Bench): readonly string[] {
  if (error instanceof ConnectorError) {
    const wait = error.retryAt === null ? 0 : error.retryAt - bench.now();
    return [...oursIn(error.trouble), ...(wait > longestWaitMs ? [`waits for ${String(wait)} ms`] : [])];
  }
  // A file's bytes may break off while they are read.
  if (error instanceof TransportError) return [];
  return [`threw ${String(error)}`];
}

export async function tryRead(
  account: Account,
  one: ReadCase,
  right: unknown,
  hostile: Hostile,
  position: number,
): Promise<Trial> {
  const bench = account.copy();
  bench.talk.spoil(hostile, position);
  const wrong: string[] = [];
  try {
    const told = await one.ask(bench.connector, bench);
    if (hostile.says === 'same' && !same(told, right))
      wrong.push(`told ${JSON.stringify(told).slice(0, 1_500)}`);
    if (hostile.says === 'broken' || hostile.says === 'no')
      wrong.push(...one.judge(told, right, hostile.rows === true));
    for (const trouble of JSON.stringify(told).match(/"E-OURS"/g) ?? []) wrong.push(`told ${trouble}`);
  } catch (error) {
    wrong.push(...judgeError(error, bench));
    if (hostile.says === 'same') wrong.push(`failed with ${String(error)}`);
  }
  if (bench.talk.spoilt() === 0) return { ran: false, wrong: [] };
  wrong.push(...bench.talk.faults());
  if (hostile.lasting === true) return { ran: true, wrong };
  // What came wrong once must not be believed for ever.
  bench.talk.calm();
  try {
    const later = await one.ask(bench.connector, bench);
    if (hostile.says !== 'lie' && !same(later, right))
      wrong.push(`afterwards told ${JSON.stringify(later).slice(0, 1_000)}`);
  } catch (error) {
    wrong.push(`afterwards failed with ${String(error)}`);
  }
  return { ran: true, wrong: [...wrong, ...bench.talk.faults().filter((fault) => !wrong.includes(fault))] };
}

/**
 * A feed that has to tell of a change of another task, spoilt at one place. `from`: it begins with that answer too.
 * Whatever came, the change is told in the end.
 */
export async function tryFeed(
  account: Account,
  feed: Feed,
  from: 'beginning' | 'cursor',
  hostile: Hostile,
  position: number,
): Promise<Trial> {
  const bench = account.copy();
  const wrong: string[] = [];
  let cursor: SweepCursor | null = null;
  let ran = false;
  if (from === 'beginning') {
    bench.talk.spoil(hostile, position);
    try {
      cursor = (await feed.read(bench.connector, null)).next;
    } catch (error) {
      wrong.push(...judgeError(error, bench));
    }
    ran = bench.talk.spoilt() > 0;
    bench.talk.calm();
  }
  cursor ??= (await feed.read(bench.connector, null)).next;
  bench.advance(5 * 60_000);
  feed.change(bench, bench.facts.other);
  bench.advance(5 * 60_000);
  if (from === 'cursor') bench.talk.spoil(hostile, position);
  const first = await walked(feed, bench.connector, cursor);
  if (from === 'cursor') ran = bench.talk.spoilt() > 0;
  if (!ran) return { ran: false, wrong: [] };
  wrong.push(...bench.talk.faults());
  if (first.error !== null) wrong.push(...judgeError(first.error, bench));
  if (hostile.says === 'same' && first.error !== null) wrong.push(`failed with ${String(first.error)}`);
  bench.talk.calm();
  bench.advance(60_000);
  const second = await walked(feed, bench.connector, first.cursor);
  if (second.error !== null) wrong.push(`afterwards failed with ${String(second.error)}`);
  const told = first.tasks.has(bench.facts.other) || second.tasks.has(bench.facts.other);
  const absent = hostile.says === 'no' && feed.absent?.(first.cursor) === true;
  if (!told && !absent && hostile.says !== 'lie') wrong.push('a change is lost');
  return { ran: true, wrong };
}
