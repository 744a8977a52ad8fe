/**
 * Decides whether accounts agree with what their people did. Knows the plain dumps and the story's record and nothing of
 * the bridge: it would find a mistake that the bridge and its tests share.
 */
import { wordsIn } from './leaks.ts';
import {
  type Person,
  type RecordedComment,
  type RecordedTask,
  type StoryAccount,
  type StoryRecord,
} from './record.ts';
import { type SeenComment, type SeenFile, seenIn, type SeenTask } from './seen.ts';

/** The accounts by name, as their emulators dump them (the `world`). */
export type Dumps = Readonly<Record<string, unknown>>;

/** Findings in words, each naming the account; empty = the accounts agree. */
export function judge(record: StoryRecord, dumps: Dumps): readonly string[] {
  return Object.entries(record.accounts).flatMap(([name, account]) => {
    const dump = dumps[name];
    if (dump === undefined) return [`${name}: there is no dump`];
    const findings = [...tasksOf(record, name, account, dump)];
    for (const { word, where } of wordsIn(dump, account.neverReads))
      findings.push(`«${word}» stands at ${where}, which nobody here may learn`);
    return findings.map((finding) => `${name}: ${finding}`);
  });
}

function tasksOf(record: StoryRecord, name: string, account: StoryAccount, dump: unknown): string[] {
  const seen = seenIn(account, dump);
  const expected = record.tasks.filter(({ accounts }) => accounts.includes(name));
  const findings: string[] = [];
  if (seen.tasks.length !== expected.length)
    findings.push(`${count(seen.tasks.length, 'task')} where ${String(expected.length)} should be`);
  for (const task of expected) {
    const found = seen.tasks.filter(({ title }) => title === task.title);
    const [first] = found;
    if (first === undefined) findings.push(`no task is called «${task.title}»`);
    else {
      if (found.length > 1) findings.push(`${count(found.length, 'task')} are called «${task.title}»`);
      findings.push(
        ...taskOf(record, name, account, task, first).map((finding) => `«${task.title}»: ${finding}`),
      );
    }
  }
  for (const { title } of seen.tasks)
    if (!expected.some((task) => task.title === title)) findings.push(`«${title}» does not belong here`);
  return findings;
}

function taskOf(
  record: StoryRecord,
  name: string,
  account: StoryAccount,
  task: RecordedTask,
  seen: SeenTask,
): string[] {
  const findings: string[] = [];
  if (seen.text !== task.text) findings.push(`the text is ${cited(seen.text)} and not ${cited(task.text)}`);
  const equal = record.statuses[task.status]?.[name] ?? [];
  if (!equal.includes(seen.status))
    findings.push(
      `the status is «${seen.statusName}» (${seen.status}), which does not mean "${task.status}"`,
    );
  if (seen.deadline !== task.deadline)
    findings.push(`the deadline is ${day(seen.deadline)} and not ${day(task.deadline)}`);
  const creator = shownInField(record, name, account, task.creator);
  if (!creator.includes(seen.creator))
    findings.push(`${cited(seen.creator)} set it and not ${creator.join(' or ')}`);
  const holder = shownInField(record, name, account, task.holder);
  if (seen.assignees.length !== 1 || !holder.includes(seen.assignees[0] ?? ''))
    findings.push(`${cited(seen.assignees.join(', '))} holds it and not ${holder.join(' or ')}`);
  findings.push(
    ...filesOf(
      task.files.filter(({ readers }) => readers.includes(name)),
      seen.files,
    ),
    ...commentsOf(
      record,
      name,
      account,
      task.comments.filter(({ readers }) => readers.includes(name)),
      seen.comments,
    ),
  );
  return findings;
}

const organisationOf = (record: StoryRecord, home: string): string =>
  record.accounts[home]?.organisation ?? home;

/** Author lines in which a person may appear here. */
function shownAsAuthor(record: StoryRecord, name: string, account: StoryAccount, person: Person): string[] {
  if (person.home === name) return [person.name];
  const how = account.sees[person.home];
  if (how === undefined) return [];
  if (how !== 'by name') return [organisationOf(record, how.as)];
  return [person.name, `${person.name} (${organisationOf(record, person.home)})`];
}

/** In a field of people the organisation's stand-in may stand for its people. */
function shownInField(record: StoryRecord, name: string, account: StoryAccount, person: Person): string[] {
  const shown = shownAsAuthor(record, name, account, person);
  return person.home !== name && account.sees[person.home] === 'by name'
    ? [...shown, organisationOf(record, person.home)]
    : shown;
}

function commentsOf(
  record: StoryRecord,
  name: string,
  account: StoryAccount,
  expected: readonly RecordedComment[],
  seen: readonly SeenComment[],
): string[] {
  const findings: string[] = [];
  if (seen.length !== expected.length)
    findings.push(`${count(seen.length, 'comment')} where ${String(expected.length)} should be`);
  const left = [...seen];
  const order: string[] = [];
  for (const comment of expected) {
    const authors = shownAsAuthor(record, name, account, comment.author);
    const sameWords = left.filter(({ text }) => text === comment.text);
    const found = sameWords.find(({ author }) => authors.includes(author)) ?? sameWords[0];
    if (found === undefined) {
      findings.push(`the comment ${cited(comment.text)} of ${comment.author.name} is missing`);
      continue;
    }
    left.splice(left.indexOf(found), 1);
    order.push(found.id);
    if (!authors.includes(found.author))
      findings.push(
        `the comment ${cited(comment.text)} stands under ${cited(found.author)} and not under ${authors.join(' or ')}`,
      );
    findings.push(
      ...filesOf(comment.files, found.files).map(
        (finding) => `at the comment ${cited(comment.text)} ${finding}`,
      ),
    );
  }
  for (const { author, text } of left) {
    const twin = expected.some((comment) => comment.text === text);
    findings.push(
      `the comment ${cited(text)} of ${cited(author)} ${twin ? 'stands here twice' : 'does not belong here'}`,
    );
  }
  const asSeen = seen.map(({ id }) => id).filter((id) => order.includes(id));
  if (order.join() !== asSeen.join())
    findings.push('the comments stand in another order than they were written');
  return findings;
}

function filesOf(expected: readonly SeenFile[], seen: readonly SeenFile[]): string[] {
  const findings: string[] = [];
  const left = [...seen];
  for (const file of expected) {
    const found =
      left.find(({ name, sha256 }) => name === file.name && sha256 === file.sha256) ??
      left.find(({ name }) => name === file.name);
    if (found === undefined) {
      findings.push(`the file «${file.name}» is missing`);
      continue;
    }
    left.splice(left.indexOf(found), 1);
    if (found.sha256 !== file.sha256) findings.push(`the file «${file.name}» has other bytes`);
  }
  for (const { name } of left)
    findings.push(
      `the file «${name}» ${expected.some((file) => file.name === name) ? 'stands here twice' : 'does not belong here'}`,
    );
  return findings;
}

const cited = (text: string): string => {
  const line = text.replaceAll('\n', ' / ');
  return `«${line.length > 60 ? `${line.slice(0, 57)}…` : line}»`;
};
const count = (number: number, thing: string): string =>
  `${String(number)} ${thing}${number === 1 ? '' : 's'}`;
const day = (at: number | null): string => (at === null ? 'none' : new Date(at).toISOString());
