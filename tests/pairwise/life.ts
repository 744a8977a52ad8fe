/** The short life of one task between three accounts whose emulators are set as a row of the table says. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { type Act } from '../../emulators/common/types.ts';
import { loadMapping } from '../../mappings/load.ts';
import { type Mapping } from '../../mappings/types.ts';
import { judge } from '../../simulation/judge/judge.ts';
import { type Person, type RecordedTask, type StoryRecord } from '../../simulation/judge/record.ts';
import { type SeenTask } from '../../simulation/judge/seen.ts';
import { type Rehearsal, type RehearsalOptions, rehearse } from '../../simulation/rehearsal.ts';
import {
  accounts,
  anna,
  boris,
  dina,
  group,
  maria,
  type Player,
  standIns,
  statuses,
} from '../../simulation/story/people.ts';
import { dumpsOf, seenOf } from '../../simulation/story/rehearsed.ts';
import { type Company } from '../../simulation/story/stage.ts';
import { threeCompanies } from '../../simulation/worlds.ts';
import { type Chosen } from './settings.ts';

/** Half an hour before `taskCard.switchAt`: a task that switches does so in the middle of its life. */
const morning = Date.parse('2026-09-28T11:30:00+03:00');
const switchAt = Date.parse('2026-09-28T12:00:00+03:00');
const minute = 60_000;

const all: readonly Company[] = ['romashka', 'teyron', 'pixel'];
const both: readonly Company[] = ['romashka', 'teyron'];

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** Longer than the smallest title, description, message and file that a setting allows. */
const longTitle = 'Форма заявки на сайте, главная страница и все посадочные';
const longText = Array.from(
  { length: 16 },
  (_, index) =>
    `Пункт ${String(index + 1)}: поля, подписи и ошибки формы так, как они нарисованы в макете главной.`,
);
const longWords = Array.from(
  { length: 4 },
  () => 'Мы посмотрели форму на телефоне, планшете и в трёх браузерах.',
).join(' ');
const picture = Uint8Array.from({ length: 1_500 }, (_, index) => (index * 167 + 13) % 256);
const drawing = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"><circle r="9"/></svg>');

/** Numbers of statuses in both Planfix accounts: `status.systemIds` may have renumbered them. */
type Numbers = (usual: string) => string;

function numbersOf({ planfix }: Chosen): Numbers {
  const order = ['draft', 'new', 'inWork', 'completed', 'postponed', 'rejected', 'done', 'cancelled'];
  const ids = (planfix['status.systemIds'] ?? {}) as Readonly<Record<string, number>>;
  return (usual) => String(ids[order[Number(usual)] ?? ''] ?? usual);
}

interface StatusRows {
  in: Record<string, string>;
  out: Record<string, string>;
}

function mappingWith(numbers: Numbers): Mapping {
  const file = 'hub-two-members.yaml';
  const mapping = parse(
    readFileSync(new URL(`../../mappings/examples/${file}`, import.meta.url), 'utf8'),
  ) as { statuses: Record<string, StatusRows> };
  for (const account of ['teyron', 'pixel']) {
    const rows = mapping.statuses[account];
    if (!rows) throw new Error(`${file} has no statuses of ${account}`);
    mapping.statuses[account] = {
      in: Object.fromEntries(Object.entries(rows.in).map(([id, word]) => [numbers(id), word])),
      out: Object.fromEntries(
        Object.entries(rows.out).map(([word, id]) => [word, /^\d+$/u.test(id) ? numbers(id) : id]),
      ),
    };
  }
  const loaded = loadMapping(stringify(mapping), {
    fileName: file,
    accounts: { teyron: { kind: 'planfix' }, romashka: { kind: 'bitrix24' }, pixel: { kind: 'planfix' } },
    version: 1,
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.mapping;
}

/**
 * What `account check --scratch` finds of a portal with these settings, as far as its connection acts upon it; but for the
 * length of messages, for the judge counts a comment that came in parts as many (tests/e2e/unknowns.test.ts has it).
 */
function probed(chosen: Chosen['bitrix24']): Readonly<Record<string, string>> {
  const yes = (name: string): string => (chosen[name] === true ? 'yes' : 'no');
  const sources = chosen['status.transitionSources'] as Readonly<Record<string, readonly number[]>>;
  return {
    creations: 'v3',
    'template-id': 'unique',
    'compare-and-set': 'guarded',
    'list.activityFilter': String(chosen['list.activityFilter']),
    'status.creatorCompletesStraight': yes('status.creatorCompletesStraight'),
    'status.updateObeysGraph': yes('status.updateObeysGraph'),
    'status.transitionSources': Object.entries(sources)
      .map(([name, from]) => [name, ...from].join(' '))
      .join('; '),
    'limits.titleMax': String(chosen['limits.titleMax']),
    'limits.descriptionMax': String(chosen['limits.descriptionMax']),
  };
}

/** Users of tokens have the zone of the account, which a setting names. */
function optionsOf(chosen: Chosen): RehearsalOptions {
  const { teyron, romashka, pixel } = threeCompanies(
    (account) => `https://bridge.example/webhooks/${account}`,
  );
  const zone = String(chosen.planfix['timezone'] ?? 'Europe/Moscow');
  const inPlanfix = (account: Company, member: typeof teyron): RehearsalOptions['accounts'][number] => ({
    ...member,
    account,
    world: { ...(member.world as object), tokens: [{ token: member.token, user: 'user:1', scopes: 'all' }] },
    credential: member.token,
    zone,
    settings: chosen.planfix,
  });
  return {
    accounts: [
      inPlanfix('teyron', teyron),
      {
        ...romashka,
        account: 'romashka',
        credential: `/rest/${String(romashka.incoming.user)}/${romashka.incoming.secret}`,
        settings: chosen.bitrix24,
        // Such a portal has been probed: what its connection then does by other means must come to the same.
        ...(chosen.bitrix24['im.templateId'] === 'dedupes' ? { known: probed(chosen.bitrix24) } : {}),
      },
      inPlanfix('pixel', pixel),
    ],
    mappings: [mappingWith(numbersOf(chosen))],
    start: morning,
  };
}

/**
 * Lives the life from creation to acceptance, with one return; gives what the judge found, and what people did not come
 * to see in time. Empty = every promise held. Throws when the bridge does not come to rest.
 */
export async function lifeUnder(
  chosen: Chosen,
  more: Partial<RehearsalOptions> = {},
): Promise<readonly string[]> {
  const three = await rehearse({ ...optionsOf(chosen), ...more });
  const numbers = numbersOf(chosen);
  const own: Partial<Record<Company, number>> = {};
  const missed: string[] = [];
  let record: RecordedTask = {
    title: 'Форма заявки',
    text: 'Нужна форма',
    status: 'new',
    creator: maria,
    holder: boris,
    deadline: null,
    accounts: both,
    comments: [],
    files: [],
  };

  const does = (player: Player, act: Omit<Act, 'as'>): number => {
    const result = three.act(player.home, {
      ...(own[player.home] === undefined ? {} : { task: own[player.home] ?? 0 }),
      ...act,
      do: String(act['do']),
      as: player.as,
    } as Act);
    return Number((result as { readonly id?: number }).id);
  };
  /** Everything crosses that will: hints, then what only a sweep finds, twice as a day does. */
  const quiet = async (): Promise<void> => {
    await rounds(three);
  };
  const task = (company: Company): SeenTask | undefined =>
    seenOf(dumpsOf(three))[company].tasks.find(({ id }) => id === String(own[company]));
  const expectStatus = (meaning: string): void => {
    for (const company of record.accounts as readonly Company[]) {
      const seen = task(company)?.status ?? 'nothing';
      const wanted = (statuses[meaning]?.[company] ?? []).map((id) =>
        company === 'romashka' ? id : numbers(id),
      );
      if (!wanted.includes(seen)) missed.push(`${company}: does not come to see "${meaning}" but ${seen}`);
    }
  };
  const says = (
    author: Person,
    text: string,
    readers: readonly Company[],
    files: RecordedTask['comments'][number]['files'] = [],
  ): void => {
    record = { ...record, comments: [...record.comments, { author, text, files, readers }] };
  };
  const moves = async (player: Player, meaning: string, act: Omit<Act, 'as'>): Promise<void> => {
    does(player, act);
    await quiet();
    expectStatus(meaning);
    record = { ...record, status: meaning };
  };
  const setStatus = (usual: string): Omit<Act, 'as'> => ({
    do: 'set status',
    status: Number(numbers(usual)),
  });
  const mirrored = (company: Company): void => {
    own[company] = Number(seenOf(dumpsOf(three))[company].tasks[0]?.id);
  };
  const inChat = (): boolean =>
    chosen.bitrix24['taskCard.mode'] !== 'old' ||
    ((chosen.bitrix24['taskCard.switchAt'] ?? '') !== '' && three.runtime.now() >= switchAt);
  const clientEdits = (id: number, text: string): void => {
    if (inChat()) does(maria, { do: 'edit message', message: id, text });
    else does(maria, { do: 'edit comment', comment: id, text });
  };
  const clientDeletes = (id: number): void => {
    if (inChat()) does(maria, { do: 'delete message', message: id });
    else does(maria, { do: 'delete comment', comment: id });
  };
  /** Both sides write twice, edit one and delete the other. */
  const talk = async (part: string): Promise<void> => {
    const theirs = does(maria, { do: 'post message', text: `Когда начнёте? ${part}` });
    const slip = does(maria, { do: 'post message', text: `Не сюда. ${part}` });
    await quiet();
    const ours = does(anna, {
      do: 'add comment',
      text: `<p>Начинаем <b>завтра</b>. ${part}</p>`,
      recipients: [standIns.romashkaAtTeyron],
    });
    const ourSlip = does(anna, {
      do: 'add comment',
      text: `<p>И это не сюда. ${part}</p>`,
      recipients: [standIns.romashkaAtTeyron],
    });
    await quiet();
    clientEdits(theirs, `Когда начнёте работу? ${part}`);
    clientDeletes(slip);
    does(anna, { do: 'edit comment', comment: ours, text: `<p>Начинаем сегодня. ${part}</p>` });
    does(anna, { do: 'delete comment', comment: ourSlip });
    await quiet();
    says(maria, `Когда начнёте работу? ${part}`, both);
    says(anna, `Начинаем сегодня. ${part}`, both);
  };

  own.romashka = does(maria, {
    do: 'create task',
    title: record.title,
    description: 'Нужна [B]форма[/B]',
    responsible: standIns.teyronAtRomashka,
    group,
    deadline: '2026-10-05T18:00:00+03:00',
  });
  await quiet();
  mirrored('teyron');
  does(maria, {
    do: 'edit task',
    title: 'Форма заявки и письмо',
    description: 'Нужны [B]две[/B] формы',
    deadline: '2026-10-06T12:00:00+03:00',
  });
  await quiet();
  if (task('teyron')?.title !== 'Форма заявки и письмо') missed.push('teyron: does not see the new title');
  does(anna, {
    do: 'edit task',
    name: longTitle,
    description: longText.map((line) => `<p>${line}</p>`).join(''),
    deadline: '2026-10-07T09:00Z',
  });
  await quiet();
  for (const company of both) {
    const { title } = task(company) ?? { title: 'nothing' };
    if (title !== longTitle) missed.push(`${company}: sees the title «${title}»`);
  }
  record = {
    ...record,
    title: 'Форма и письмо',
    text: longText.join('\n'),
    deadline: Date.parse('2026-10-07T09:00Z'),
  };
  does(anna, { do: 'edit task', name: record.title });
  await talk('(1)');
  three.runtime.advance(Math.max(switchAt + minute - three.runtime.now(), 0));
  await quiet();

  await moves(boris, 'in work', setStatus('2'));
  does(anna, { do: 'edit task', assignees: [standIns.pixelAtTeyron], auditors: [standIns.pixelAtTeyron] });
  record = { ...record, accounts: all, holder: dina };
  await quiet();
  mirrored('pixel');
  does(dina, {
    do: 'add comment',
    text: '<p>Форма свёрстана.</p>',
    files: [{ name: 'отступы.svg', base64: base64(drawing) }],
  });
  says(dina, 'Форма свёрстана.', ['teyron', 'pixel'], [{ name: 'отступы.svg', sha256: sha256(drawing) }]);
  await quiet();
  does(dina, { do: 'set assignees', users: [standIns.teyronAtPixel] });
  record = { ...record, holder: boris };
  await quiet();

  await talk('(2)');
  does(anna, {
    do: 'add comment',
    text: `<p>${longWords}</p>`,
    recipients: [standIns.romashkaAtTeyron],
    files: [{ name: 'форма.png', base64: base64(picture) }],
  });
  says(anna, longWords, both, [{ name: 'форма.png', sha256: sha256(picture) }]);
  await quiet();
  does(maria, { do: 'attach file', name: 'кнопка.svg', base64: base64(drawing) });
  record = { ...record, files: [{ name: 'кнопка.svg', sha256: sha256(drawing), readers: both }] };
  await quiet();

  await moves(boris, 'under review', setStatus('6'));
  await moves(maria, 'new', { do: 'disapprove' });
  await moves(boris, 'in work', setStatus('2'));
  await moves(boris, 'under review', setStatus('6'));
  await moves(maria, 'accepted', { do: 'approve' });
  await quiet();

  const told: StoryRecord = {
    accounts,
    statuses: Object.fromEntries(
      Object.entries(statuses).map(([meaning, by]) => [
        meaning,
        Object.fromEntries(
          Object.entries(by).map(([company, ids]) => [
            company,
            company === 'romashka' ? ids : ids.map(numbers),
          ]),
        ),
      ]),
    ),
    tasks: [record],
  };
  return [...missed, ...judge(told, dumpsOf(three))];
}

async function rounds(three: Rehearsal): Promise<void> {
  for (const account of all) {
    await three.settle();
    three.runtime.advance(minute + 1);
    await three.sweep(account);
  }
  await three.settle();
}
