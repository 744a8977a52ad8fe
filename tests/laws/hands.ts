/** What people do in their accounts. */
import { as, type LocalFileId, type LocalPersonId } from '../../errors/ids.ts';
import { personOf } from '../../mappings/generators.ts';
import { type FieldName } from '../../mappings/types.ts';
import { fieldRule, member } from '../../sync/core/context.ts';
import { type DateValue } from '../../sync/core/item.ts';
import { liftPerson } from '../../sync/core/people.ts';
import { helpers, observers, principal } from '../../sync/core/raw.ts';
import { type RawComment, type RawFile, type Snapshot } from '../../sync/core/replica.ts';
import { type Edit } from './case.ts';
import { commentId } from './server.ts';
import { type MeantField, meaningOf, noon, type Server, type World } from './world.ts';

/** One edit by a person's hand, where there is something to edit. */
export function edit(world: World, { who, what, draw }: Edit, inWindow = false): void {
  const accounts = [...world.servers.keys()];
  const account = accounts[who % accounts.length];
  const server = account === undefined ? undefined : world.servers.get(account);
  if (!server?.snapshot || server.snapshot.deleted) return;
  world.now += 1_000 + (draw % 3) * 45_000;
  world.serial += 1;
  const { view } = server;
  const before = server.snapshot;
  const number = 2 + (draw % 5);
  const anybody = personOf(view.kind, draw % 4 === 0 ? 20 + (draw % world.servers.size) : number);
  const person =
    member(world.context, server.account).standIns[accounts[draw % accounts.length] ?? server.account] ===
      anybody || draw % 4 !== 0
      ? anybody
      : personOf(view.kind, number);
  const date: DateValue = { at: noon + (world.serial + 1) * 3_600_000 + 17_400, timed: true };
  const change = (more: Partial<Snapshot>): void => {
    server.snapshot = { ...before, ...more, changedAt: world.now };
  };
  const record = (field: FieldName, value: unknown, over: unknown, takenBack = false): void => {
    if (fieldRule(world.context, server.account, field) !== undefined)
      world.typed.push({
        account: server.account,
        field,
        value,
        over,
        inWindow: inWindow && view.abilities.guard === 'none',
        takenBack,
      });
  };
  const shares = (field: FieldName): boolean => fieldRule(world.context, server.account, field) !== undefined;
  /**
   * A value that means the same in every account. What stood there when the bridge left is no edit of anybody's. `stood`:
   * what people saw there before, where nobody had set it.
   */
  const recordMeant = (field: MeantField, value: string | undefined, stood?: string): void => {
    const { shows, agreed } = server;
    if (!shares(field) || value === shows[field]) return;
    record(field, value, shows[field] ?? stood, value === agreed[field]);
    const { [field]: _, ...others } = shows;
    server.shows = value === undefined ? others : { ...others, [field]: value };
  };
  switch (what) {
    case 'title': {
      const title = `Задача ${String(world.serial)}`;
      record('title', title, before.title);
      return change({ title });
    }
    case 'description': {
      const words = `Слова ${String(world.serial)}`;
      const paragraph = view.kind === 'planfix' ? `<p>${words}</p>` : `\n${words}`;
      record('description', words, undefined);
      return change({ description: `${before.description}${paragraph}` });
    }
    case 'status': {
      // Where there is a kanban, people move cards as often as they set statuses.
      const stage = draw % 2 === 0 ? server.stages[draw % Math.max(server.stages.length, 1)] : undefined;
      const status = server.statuses[draw % server.statuses.length] ?? before.status;
      const moved =
        stage === undefined ? { status, statusChangedAt: world.now } : { stage, statusChangedAt: null };
      const meaning = meaningOf(world.context, server, { ...before, ...moved });
      // Several statuses of an account may mean the same.
      const stood = meaningOf(world.context, server, before);
      if (meaning !== stood) recordMeant('status', meaning, stood);
      if (stage !== undefined) world.cards += 1;
      return change(moved);
    }
    case 'assignee': {
      if (principal(view, before) !== person)
        recordMeant('assignee', JSON.stringify(liftPerson(world.context, server.account, person)));
      change({ assignees: [person] });
      return recordTurnouts(world, server, before);
    }
    case 'participants':
      change({ participants: draw % 3 === 0 || before.participants.length > 0 ? [] : [person] });
      return recordTurnouts(world, server, before);
    case 'auditors': {
      const kept = before.auditors.filter((one) => one === view.actor);
      const leaves = draw % 3 === 0 || before.auditors.length > kept.length;
      change({ auditors: leaves ? kept : [...kept, person] });
      return recordTurnouts(world, server, before);
    }
    case 'start':
      record('start', date.at, before.start?.at);
      return change({ start: date });
    case 'deadline':
      record('deadline', date.at, before.deadline?.at);
      return change({ deadline: date });
    case 'comment':
      server.comments = [...server.comments, aComment(world, server, person, draw)];
      return;
    case 'edit comment':
    case 'delete comment': {
      if (server.comments.length === 0) return;
      const chosen = server.comments[draw % server.comments.length];
      server.comments =
        what === 'delete comment'
          ? server.comments.filter((one) => one !== chosen)
          : server.comments.map((one) =>
              one === chosen ? { ...one, text: `Исправлено ${String(world.serial)}` } : one,
            );
      return;
    }
    case 'file': {
      const file = aFile(world);
      world.hung.push({ account: server.account, name: file.name });
      return change({ files: [...before.files, file] });
    }
    case 'remove file': {
      const chosen = before.files[draw % Math.max(before.files.length, 1)];
      if (!chosen) return;
      world.takenOff.push({ account: server.account, name: chosen.name });
      return change({ files: before.files.filter((one) => one !== chosen) });
    }
    case 'nothing':
      return;
  }
}

const aFile = ({ serial }: World): RawFile => ({
  id: as<LocalFileId>(`9${String(1_000 + serial)}`),
  name: `Файл ${String(serial)}`,
  size: serial,
});

/** Who came to the task and who left it by the edit that was just made, beside its holder. */
function recordTurnouts(world: World, server: Server, before: Snapshot): void {
  const { view, account, snapshot } = server;
  if (!snapshot) return;
  const holder = principal(view, before);
  const people = {
    participants: [helpers(view, before, holder), helpers(view, snapshot, principal(view, snapshot, holder))],
    auditors: [observers(view, before), observers(view, snapshot)],
  } as const;
  for (const field of ['participants', 'auditors'] as const) {
    if (!fieldRule(world.context, account, field)) continue;
    const [were, are] = people[field];
    const tell = (is: 'added' | 'removed', changed: readonly LocalPersonId[]): void => {
      for (const person of changed) world.turnouts.push({ account, field, person, is, rests: world.rests });
    };
    tell(
      'added',
      are.filter((person) => !were.includes(person)),
    );
    tell(
      'removed',
      were.filter((person) => !are.includes(person)),
    );
  }
}

function aComment(world: World, server: Server, person: LocalPersonId, draw: number): RawComment {
  const { view, account } = server;
  const standIns = Object.values(member(world.context, account).standIns) as LocalPersonId[];
  const recipient = draw % 2 === 0 ? standIns[draw % Math.max(standIns.length, 1)] : undefined;
  return {
    id: commentId(world, server),
    author: standIns.includes(person) ? personOf(view.kind, 2) : person,
    authorName: view.person(person)?.name ?? 'Кто-то',
    at: world.now,
    text: `Сказано ${String(world.serial)}`,
    files: draw % 3 === 1 ? [aFile(world)] : [],
    recipients: recipient === undefined ? [] : [recipient],
    replyTo: null,
    hidden: draw % 7 === 0 && view.kind === 'planfix',
    system: false,
    mark: null,
  };
}
