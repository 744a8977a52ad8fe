/** Hands of the people of a drawn world: what they do in their accounts' own words, and what they remember of it. */
import { type Act, type Json } from '../../emulators/common/types.ts';
import { type CrmKind } from '../../mappings/types.ts';
import {
  type JudgedWorld,
  type Ledger,
  numberIn,
  type Said,
  type ToldField,
  wordsOf,
} from '../judge/ledger.ts';
import { seenIn, type SeenTask } from '../judge/seen.ts';
import { valueOf } from '../judge/verdict.ts';
import { group, named, personOf, project, standIn, statusesOf } from './companies.ts';
import { type Network } from './network.ts';
import { type CompanyPlan, type Step, type WorldPlan } from './story.ts';

export type DeedStep = Extract<Step, { is: 'deed' }>;

export interface Hands {
  /** Does it, if the account lets the person; tells whether it did. */
  do(step: DeedStep): boolean;
  /** What people of an account see of a task now. */
  see(account: string, task: number): SeenTask | undefined;
}

const minute = 60_000;
const firstDeadline = Date.parse('2027-01-04T06:00:00Z');

/** Told apart by the minute. */
export const deadlineOf = (number: number): number => firstDeadline + number * 7 * minute;

const inMoscow = (at: number): string => `${new Date(at + 180 * minute).toISOString().slice(0, 19)}+03:00`;

const fileOf = (number: number): { name: string; text: string } => ({
  name: `слово${String(number)}ф.txt`,
  text: `слово${String(number)}ф`,
});

/** Lines of a description, whichever markup they stand in. */
const markupOf = (kind: CrmKind, lines: readonly string[]): string =>
  kind === 'planfix' ? lines.map((line) => `<p>${line}</p>`).join('') : lines.join('\n');

export function handsOf(plan: WorldPlan, judged: JudgedWorld, ledger: Ledger, network: Network): Hands {
  const companyOf = (account: string): CompanyPlan => {
    const found = plan.companies.find((one) => one.account === account);
    if (!found) throw new Error(`no company has the account ${account}`);
    return found;
  };
  const judgedOf = (account: string): JudgedWorld['accounts'][number] => {
    const found = judged.accounts.find((one) => one.account === account);
    if (!found) throw new Error(`no account ${account} is judged`);
    return found;
  };
  const see: Hands['see'] = (account, task) =>
    seenIn(judgedOf(account), network.host(account).dump()).tasks.find(
      ({ title }) => numberIn(title) === task,
    );

  const act = (company: CompanyPlan, person: number, what: Omit<Act, 'as'>): Json | undefined => {
    const acted = network.act(company.account, {
      as: personOf(company.kind, person),
      ...what,
    } as Act);
    return acted.ok ? acted.result : undefined;
  };

  const remember = (
    step: DeedStep,
    task: number,
    field: ToldField,
    value: string,
    over: readonly string[],
  ): void => {
    ledger.typed.push({
      task,
      account: step.account,
      field,
      value,
      over,
      at: network.runtime.now(),
      inWindow: false,
    });
  };

  function create(step: DeedStep, namedHere: readonly string[]): boolean {
    const company = companyOf(step.account);
    const { kind } = company;
    const number = step.number;
    const title = `№${String(number)} слово${String(number)}`;
    const words = `слово${String(number)}о`;
    const standIns = namedHere.map((other) => standIn(kind, other));
    const done =
      kind === 'planfix'
        ? act(company, step.person, {
            do: 'create task',
            name: title,
            description: markupOf(kind, [`Надо ${words}`]),
            assigner: named(kind, step.person),
            assignees: [named(kind, step.person + 1)],
            participants: standIns,
            ...(company.scoped ? { project } : {}),
          })
        : act(company, step.person, {
            do: 'create task',
            title,
            description: markupOf(kind, [`Надо ${words}`]),
            responsible: personOf(kind, step.person + 1),
            accomplices: standIns.map(Number),
            ...(company.scoped ? { group } : {}),
          });
    if (done === undefined) return false;
    ledger.tasks.push({
      number,
      account: step.account,
      named: new Set(namedHere),
      held: new Set([step.account]),
    });
    remember(step, number, 'title', `слово${String(number)}`, []);
    remember(step, number, 'description', words, []);
    remember(step, number, 'status', 'new', []);
    remember(step, number, 'holder', step.account, []);
    return true;
  }

  function say(step: DeedStep, task: number, seen: SeenTask): boolean {
    const { deed } = step;
    if (deed.does !== 'say') return false;
    const company = companyOf(step.account);
    const { kind } = company;
    const word = `слово${String(step.number)}к`;
    const file = deed.file ? fileOf(step.number) : null;
    const files = file ? { files: [file] } : {};
    const to = deed.to === null ? null : standIn(kind, deed.to);
    const done =
      kind === 'planfix'
        ? act(company, step.person, {
            do: 'add comment',
            task: seen.id,
            text: `<p>${word} в1.</p>`,
            recipients: [to ?? named(kind, step.person + 1)],
            ...(deed.hidden ? { hidden: true } : {}),
            ...files,
          })
        : act(company, step.person, {
            do: 'post message',
            task: Number(seen.id),
            text: `${to === null ? '' : `[USER=${to}]Вам[/USER] `}${word} в1.`,
            ...files,
          });
    if (done === undefined) return false;
    ledger.said.push({
      word,
      task,
      account: step.account,
      person: step.person,
      to: deed.to,
      hidden: deed.hidden && kind === 'planfix',
      file: file?.name ?? null,
      version: 1,
      state: 'live',
      local: String((done as { id: number }).id),
    });
    return true;
  }

  /** The task that a step is about: the next one that people of the account see; of words, the next that they are in. */
  function taskFor(step: DeedStep): { readonly task: number; readonly seen: SeenTask } | undefined {
    const { tasks } = seenIn(judgedOf(step.account), network.host(step.account).dump());
    const about = step.deed.does === 'edit words' || step.deed.does === 'take back words';
    for (let next = 0; next < ledger.tasks.length; next += 1) {
      const told = ledger.tasks[(step.task + next) % ledger.tasks.length];
      const seen = told && tasks.find(({ title }) => numberIn(title) === told.number);
      if (told && seen && !(about && own(step, told.number, 0) === undefined))
        return { task: told.number, seen };
    }
    return undefined;
  }

  /** A person's own comment of the task. */
  function own(step: DeedStep, task: number, pick: number): Said | undefined {
    const mine = ledger.said.filter(
      (said) =>
        said.account === step.account &&
        said.person === step.person &&
        said.task === task &&
        said.state === 'live',
    );
    return mine[pick % Math.max(mine.length, 1)];
  }

  function edit(step: DeedStep, task: number, seen: SeenTask, pick: number): boolean {
    const said = own(step, task, pick);
    const standing = said && seen.comments.find(({ text }) => wordsOf(text).includes(said.word));
    if (!said || !standing) return false;
    const company = companyOf(step.account);
    const { kind } = company;
    const version = said.version + 1;
    const to = said.to === null ? '' : `[USER=${standIn(kind, said.to)}]Вам[/USER] `;
    const words = `${said.word} в${String(version)}.`;
    const text = kind === 'planfix' ? `<p>${words}</p>` : `${to}${words}`;
    const done = commentAct(company, step, seen, standing.id, 'edit', { text });
    if (done) said.version = version;
    return done;
  }

  function takeBack(step: DeedStep, task: number, seen: SeenTask, pick: number): boolean {
    const said = own(step, task, pick);
    const standing = said && seen.comments.find(({ text }) => wordsOf(text).includes(said.word));
    if (!said || !standing) return false;
    const done = commentAct(companyOf(step.account), step, seen, standing.id, 'delete', {});
    if (done) said.state = 'deleted';
    return done;
  }

  /** Bitrix24's chat and its old card have words of their own for it: the person uses what the comment stands in. */
  function commentAct(
    company: CompanyPlan,
    step: DeedStep,
    seen: SeenTask,
    comment: string,
    what: 'edit' | 'delete',
    details: { readonly text?: string },
  ): boolean {
    if (company.kind === 'planfix')
      return (
        act(company, step.person, { do: `${what} comment`, comment: Number(comment), ...details }) !==
        undefined
      );
    const task = Number(seen.id);
    const where = { task, message: Number(comment), comment: Number(comment), ...details };
    return (
      act(company, step.person, { do: `${what} message`, ...where }) !== undefined ||
      act(company, step.person, { do: `${what} comment`, ...where }) !== undefined
    );
  }

  function change(step: DeedStep, task: number, seen: SeenTask): boolean {
    const { deed } = step;
    const company = companyOf(step.account);
    const { kind } = company;
    const here = judgedOf(step.account);
    const before = (field: ToldField): string => valueOf(judged, here, seen, field);
    const write = (details: { readonly [key: string]: Json }): boolean =>
      act(company, step.person, {
        do: 'edit task',
        task: kind === 'planfix' ? seen.id : Number(seen.id),
        ...details,
      }) !== undefined;
    switch (deed.does) {
      case 'retitle': {
        const title = `№${String(task)} слово${String(step.number)}`;
        if (!write(kind === 'planfix' ? { name: title } : { title })) return false;
        remember(step, task, 'title', `слово${String(step.number)}`, [before('title')]);
        return true;
      }
      case 'add a line':
      case 'change a line': {
        const word = `слово${String(step.number)}о`;
        const lines = seen.text.split('\n');
        const at = deed.does === 'add a line' ? lines.length : deed.pick % Math.max(lines.length, 1);
        const taken = wordsOf(lines[at] ?? '');
        const next = [...lines.slice(0, at), `Надо ${word}`, ...lines.slice(at + 1)];
        if (!write({ description: markupOf(kind, next) })) return false;
        remember(step, task, 'description', word, taken);
        return true;
      }
      case 'set deadline': {
        const at = deadlineOf(step.number);
        const deadline = kind === 'planfix' ? `${new Date(at).toISOString().slice(0, 16)}Z` : inMoscow(at);
        if (!write({ deadline })) return false;
        remember(step, task, 'deadline', String(at), [before('deadline')]);
        return true;
      }
      case 'set status': {
        const id = statusesOf(company)[deed.to];
        const done =
          kind === 'planfix'
            ? act(company, step.person, { do: 'set status', task: seen.id, status: Number(id) })
            : act(company, step.person, { do: moveTo(deed.to, seen.status), task: Number(seen.id) });
        if (done === undefined) return false;
        const after = see(step.account, task);
        const value = after ? valueOf(judged, here, after, 'status') : deed.to;
        if (value !== before('status')) remember(step, task, 'status', value, [before('status')]);
        return true;
      }
      case 'give': {
        // Whoever gives a task to the one who set it takes it home: here nobody does.
        const to = deed.to === step.account ? named(kind, 1) : standIn(kind, deed.to);
        if (!write(kind === 'planfix' ? { assignees: [to] } : { responsible: Number(to) })) return false;
        const told = ledger.tasks.find(({ number }) => number === task);
        told?.held.add(deed.to);
        // Who holds a task is no participant beside its holder, and none when it goes on.
        told?.named.delete(deed.to);
        if (deed.to !== before('holder')) remember(step, task, 'holder', deed.to, [before('holder')]);
        return true;
      }
      default:
        return false;
    }
  }

  function name(step: DeedStep, task: number, seen: SeenTask, other: string): boolean {
    const company = companyOf(step.account);
    const { kind } = company;
    const told = ledger.tasks.find(({ number }) => number === task);
    if (!told || told.named.has(other)) return false;
    const everybody = plan.companies
      .filter((one) => one.account !== step.account)
      .map((one) => one.account)
      .filter((one) => one === other || told.named.has(one))
      .filter((one) => judgedOf(step.account).sees.has(one))
      .map((one) => standIn(kind, one));
    const done =
      kind === 'planfix'
        ? act(company, step.person, { do: 'set participants', task: seen.id, users: everybody })
        : act(company, step.person, {
            do: 'edit task',
            task: Number(seen.id),
            accomplices: everybody.map(Number),
          });
    if (done === undefined) return false;
    told.named.add(other);
    return true;
  }

  return {
    see,
    do(step) {
      const { deed } = step;
      if (deed.does === 'create') return create(step, deed.named);
      const found = taskFor(step);
      if (!found) return false;
      const { task, seen } = found;
      switch (deed.does) {
        case 'say':
          return say(step, task, seen);
        case 'edit words':
          return edit(step, task, seen, deed.pick);
        case 'take back words':
          return takeBack(step, task, seen, deed.pick);
        case 'name':
          return step.account === plan.companies[0]?.account && name(step, task, seen, deed.company);
        case 'attach': {
          const file = fileOf(step.number);
          const company = companyOf(step.account);
          const id = company.kind === 'planfix' ? seen.id : Number(seen.id);
          if (act(company, step.person, { do: 'attach file', task: id, ...file }) === undefined) return false;
          ledger.attached.push({ name: file.name, task, account: step.account });
          return true;
        }
        case 'retitle':
        case 'add a line':
        case 'change a line':
        case 'set deadline':
        case 'set status':
        case 'give':
          return change(step, task, seen);
      }
    },
  };
}

/** The button of Bitrix24 that brings a task there, from where it is. */
function moveTo(to: string, from: string): string {
  if (to === 'new') return from === '3' ? 'pause' : 'renew';
  if (to === 'in_progress') return 'start';
  return to === 'waiting' ? 'defer' : 'complete';
}
