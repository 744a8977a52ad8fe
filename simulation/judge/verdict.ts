/**
 * Whether accounts are right by what their people wrote. `wrong`: what may never be, whatever breaks. `unfinished`: what may
 * not be once nothing breaks any more. Knows dumps, the ledger, and the conflicts that people are shown.
 */
import {
  type JudgedAccount,
  type JudgedWorld,
  type Ledger,
  numberIn,
  type Said,
  type ToldField,
  type ToldTask,
  type Typed,
  wordsOf,
} from './ledger.ts';
import { wordsIn } from './leaks.ts';
import { type SeenAccount, seenIn, type SeenTask } from './seen.ts';

export interface Evidence {
  /** Dumps by account. */
  readonly dumps: Readonly<Record<string, unknown>>;
  /** Conflict records of each task, as text; by its number. */
  readonly conflicts: ReadonlyMap<number, string>;
}

/** An account with what its people see. */
interface Place {
  readonly one: JudgedAccount;
  readonly dump: unknown;
  readonly seen: SeenAccount;
}

const placesOf = (world: JudgedWorld, { dumps }: Evidence): readonly Place[] =>
  world.accounts.map((one) => ({ one, dump: dumps[one.account], seen: seenIn(one, dumps[one.account]) }));

const copiesOf = ({ seen }: Place, task: number): readonly SeenTask[] =>
  seen.tasks.filter(({ title }) => numberIn(title) === task);

/** Whether people of an account may read what was said. */
export function mayRead(world: JudgedWorld, said: Said, reader: JudgedAccount): boolean {
  if (said.account === reader.account) return true;
  if (said.hidden || !reader.sees.has(said.account)) return false;
  const from = world.accounts.find(({ account }) => account === said.account);
  return from?.share === 'all' || said.to === reader.account;
}

/** Whether a task may ever have come to an account. */
const mayCome = (world: JudgedWorld, task: ToldTask, { account, scoped, sees }: JudgedAccount): boolean =>
  account === task.account ||
  account === world.hub ||
  task.named.has(account) ||
  task.held.has(account) ||
  (scoped && sees.has(task.account));

function textsOf(value: unknown, found: string[] = []): string[] {
  if (typeof value === 'string') found.push(value);
  else if (Array.isArray(value)) for (const one of value) textsOf(one, found);
  else if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value))
      if (key === 'base64' && typeof one === 'string')
        found.push(Buffer.from(one, 'base64').toString('utf8'));
      else textsOf(one, found);
  return found;
}

/** What may never be: foreign words and names, values that nobody wrote, and anything that stands twice. */
export function wrong(world: JudgedWorld, ledger: Ledger, evidence: Evidence): readonly string[] {
  return placesOf(world, evidence).flatMap((place) =>
    [
      ...leaksIn(world, ledger, place),
      ...doublesIn(ledger, place),
      ...inventionsIn(world, ledger, place),
    ].map((finding) => `${place.one.account}: ${finding}`),
  );
}

function leaksIn(world: JudgedWorld, ledger: Ledger, { one, dump }: Place): string[] {
  const findings = wordsIn(dump, one.neverReads).map(
    ({ word, where }) => `«${word}» stands at ${where}, which nobody here may learn`,
  );
  const mine = new Set(ledger.tasks.filter((task) => mayCome(world, task, one)).map(({ number }) => number));
  const may = new Set<string>();
  const known = new Set<string>();
  const tell = (word: string, allowed: boolean): void => {
    known.add(word);
    if (allowed) may.add(word);
  };
  for (const { value, field, task, account } of ledger.typed)
    if (field === 'title' || field === 'description') tell(value, account === one.account || mine.has(task));
  for (const said of ledger.said)
    for (const word of [said.word, ...wordsOf(said.file ?? '')])
      tell(word, mine.has(said.task) && mayRead(world, said, one));
  for (const { name, task, account } of ledger.attached)
    for (const word of wordsOf(name)) tell(word, mine.has(task) && one.sees.has(account));
  const standing = new Set(textsOf(dump).flatMap(wordsOf));
  for (const word of standing) {
    if (!known.has(word)) findings.push(`«${word}» was written by nobody`);
    else if (!may.has(word)) findings.push(`«${word}» stands here, which nobody here may read`);
  }
  return findings;
}

const countOf = (values: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};

function doublesIn(ledger: Ledger, place: Place): string[] {
  const findings: string[] = [];
  const twice = (what: string, values: readonly string[]): void => {
    for (const [value, times] of countOf(values))
      if (times > 1) findings.push(`${what} ${value} stands here ${String(times)} times`);
  };
  twice(
    'task №',
    place.seen.tasks.flatMap(({ title }) => String(numberIn(title) ?? `without a number: ${title}`)),
  );
  for (const task of place.seen.tasks) {
    twice(
      'the comment',
      task.comments.flatMap(({ text }) => wordsOf(text)),
    );
    twice(
      'the file',
      [...task.files, ...task.comments.flatMap(({ files }) => files)].map(({ name }) => name),
    );
    twice('the line', wordsOf(task.text));
    for (const comment of task.comments)
      for (const word of wordsOf(comment.text))
        if (!ledger.said.some((said) => said.word === word && said.task === numberIn(task.title)))
          findings.push(`the comment ${word} stands in task ${task.title}, where nobody said it`);
  }
  return findings;
}

/** A field of a task in everybody's terms. */
export function valueOf(world: JudgedWorld, one: JudgedAccount, task: SeenTask, field: ToldField): string {
  switch (field) {
    case 'title':
      return wordsOf(task.title)[0] ?? task.title;
    case 'description':
      return wordsOf(task.text).join(' ');
    case 'deadline':
      return task.deadline === null ? '' : String(task.deadline);
    case 'status':
      return one.statuses[task.status] ?? `status ${task.status}`;
    case 'holder': {
      const [name = ''] = task.assignees;
      const [, account] =
        Object.entries(world.organisations).find(([organisation]) => name.endsWith(organisation)) ?? [];
      return account ?? name;
    }
  }
}

function inventionsIn(world: JudgedWorld, ledger: Ledger, { one, seen }: Place): string[] {
  const findings: string[] = [];
  for (const task of seen.tasks) {
    const number = numberIn(task.title);
    if (!ledger.tasks.some((told) => told.number === number)) {
      findings.push(`nobody set a task «${task.title}»`);
      continue;
    }
    for (const field of ['title', 'deadline'] as const) {
      const value = valueOf(world, one, task, field);
      const written = ledger.typed.filter((typed) => typed.task === number && typed.field === field);
      if (value !== '' && !written.some((typed) => typed.value === value))
        findings.push(`${field} of №${String(number)} is ${value}, which nobody wrote`);
    }
  }
  return findings;
}

/** What may not be once people rest, nothing breaks and all had their time. */
export function unfinished(world: JudgedWorld, ledger: Ledger, evidence: Evidence): readonly string[] {
  const places = placesOf(world, evidence);
  return ledger.tasks.flatMap((task) => taskOf(world, ledger, evidence, places, task));
}

function taskOf(
  world: JudgedWorld,
  ledger: Ledger,
  evidence: Evidence,
  places: readonly Place[],
  task: ToldTask,
): string[] {
  const about = `№${String(task.number)}`;
  const origin = places.find(({ one }) => one.account === task.account);
  const hub = places.find(({ one }) => one.account === world.hub);
  const home = origin && copiesOf(origin, task.number)[0];
  if (!origin || !hub || !home) return [`${task.account}: ${about} is gone`];
  const shared = isShared(task, origin.one, world);
  if (!shared) return [];
  const standard = copiesOf(hub, task.number)[0];
  if (!standard) return [`${hub.one.account}: ${about} never came`];
  const holder = valueOf(world, hub.one, standard, 'holder');
  const findings: string[] = [];
  const isPart = (one: JudgedAccount): boolean =>
    one === origin.one ||
    one === hub.one ||
    (one.scoped && one.sees.has(task.account)) ||
    holder === one.account ||
    task.named.has(one.account);
  /** Whom the task names no longer is not listened to (docs/laws.md, L4). */
  const heard = new Set(world.accounts.filter(isPart).map(({ account }) => account));
  for (const place of places) {
    const { one } = place;
    const [copy] = copiesOf(place, task.number);
    const must = isPart(one);
    if (!copy) {
      if (must) findings.push(`${one.account}: ${about} never came`);
      continue;
    }
    if (!must) continue;
    for (const field of ['title', 'description', 'deadline', 'status'] as const) {
      if (world.unsteady.has(field)) continue;
      const [here, there] = [valueOf(world, one, copy, field), valueOf(world, hub.one, standard, field)];
      if (field === 'description' ? !sameWords(here, there) : here !== there)
        findings.push(`${one.account}: ${field} of ${about} is «${here}», and «${there}» in ${world.hub}`);
    }
    if (!world.unsteady.has('holder')) {
      const here = valueOf(world, one, copy, 'holder');
      const wanted = one.sees.has(holder) ? holder : world.hub;
      if (here !== wanted) findings.push(`${one.account}: ${here} holds ${about}, and not ${wanted}`);
    }
    findings.push(
      ...saidIn(world, ledger, place, task, copy, heard),
      ...filesIn(ledger, place, task, copy, heard),
    );
  }
  for (const field of ['title', 'description', 'deadline', 'status', 'holder'] as const)
    if (!world.unsteady.has(field))
      findings.push(
        ...lost(world, ledger, task, field, valueOf(world, hub.one, standard, field), evidence, heard).map(
          (finding) => `${about}: ${finding}`,
        ),
      );
  return findings;
}

/** A task crosses when its account's own scope holds it or it names another company. */
const isShared = (task: ToldTask, origin: JudgedAccount, { hub }: JudgedWorld): boolean =>
  origin.scoped ||
  origin.account === hub ||
  [...task.named, ...task.held].some((one) => one !== origin.account);

const sameWords = (one: string, other: string): boolean =>
  one.split(' ').sort().join(' ') === other.split(' ').sort().join(' ');

/** Values that are neither in force, nor overwritten by one who saw them, nor in a conflict record. */
function lost(
  world: JudgedWorld,
  ledger: Ledger,
  task: ToldTask,
  field: ToldField,
  inForce: string,
  { conflicts }: Evidence,
  heard: ReadonlySet<string>,
): string[] {
  const typed = ledger.typed.filter((one) => one.task === task.number && one.field === field);
  const standing = new Set(field === 'description' ? inForce.split(' ') : [inForce]);
  const kept = conflicts.get(task.number) ?? '';
  /** Titles, words and deadlines are never the same twice. */
  const unique = field !== 'status' && field !== 'holder';
  /** Who may not know of a holder sees the hub in its place. */
  const looks = ({ value }: Typed, to: string): string =>
    field !== 'holder' || world.accounts.find(({ account }) => account === to)?.sees.has(value) === true
      ? value
      : world.hub;
  const saw = (one: Typed, index: number): boolean =>
    typed.some(
      (other, place) =>
        (unique ? place > index : other !== one) && other.over.includes(looks(one, other.account)),
    );
  return typed.flatMap((one, index) => {
    const known =
      !heard.has(one.account) ||
      standing.has(one.value) ||
      one.inWindow ||
      one.over.includes(one.value) ||
      saw(one, index) ||
      kept.includes(one.value) ||
      // Back to what had stood there is no edit, as far as anybody can tell.
      (!unique && typed.some((other) => other.account === one.account && other.over.includes(one.value)));
    return known
      ? []
      : [
          `the ${field} ${one.value}, written in ${one.account}, is lost: ${inForce} stands, and no conflict tells of it`,
        ];
  });
}

function saidIn(
  world: JudgedWorld,
  ledger: Ledger,
  { one }: Place,
  task: ToldTask,
  copy: SeenTask,
  heard: ReadonlySet<string>,
): string[] {
  const findings: string[] = [];
  const orders = new Map<string, string[]>();
  const expected = ledger.said.filter(
    (said) => said.task === task.number && heard.has(said.account) && mayRead(world, said, one),
  );
  for (const said of expected) {
    const found = copy.comments.filter(({ text }) => wordsOf(text).includes(said.word));
    const about = `${one.account}: the comment ${said.word} of ${said.account}`;
    const [first] = found;
    if (said.state === 'deleted') {
      if (first) findings.push(`${about} was taken back and still stands`);
      continue;
    }
    if (!first) {
      findings.push(`${about} is missing`);
      continue;
    }
    if (!first.text.includes(`в${String(said.version)}.`))
      findings.push(`${about} says «${first.text}», and its ${String(said.version)}. wording is the last`);
    // What comes to a message afterwards stands in one of its own (docs/limits.md).
    if (
      said.file !== null &&
      !copy.comments.some(({ files }) => files.some(({ name }) => name === said.file))
    )
      findings.push(`${about} lacks its file ${said.file}`);
    const who = `${said.account} ${String(said.person)}`;
    orders.set(who, [...(orders.get(who) ?? []), said.word]);
  }
  for (const [who, words] of orders) {
    const here = copy.comments.flatMap(({ text }) => wordsOf(text)).filter((word) => words.includes(word));
    if (here.join() !== words.join())
      findings.push(
        `${one.account}: what ${who} said stands in the order ${here.join()}, not ${words.join()}`,
      );
  }
  return findings;
}

function filesIn(
  ledger: Ledger,
  { one }: Place,
  task: ToldTask,
  copy: SeenTask,
  heard: ReadonlySet<string>,
): string[] {
  return ledger.attached
    .filter(
      ({ task: about, account }) => about === task.number && heard.has(account) && one.sees.has(account),
    )
    .filter(({ name }) => !copy.files.some((file) => file.name === name))
    .map(({ name }) => `${one.account}: the file ${name} is missing`);
}
