/** The story of the demo: a client, an integrator and a contractor whom the client never sees share one task. */
import { createHash } from 'node:crypto';
import { type Act } from '../../emulators/common/types.ts';
import {
  type RecordedComment,
  type RecordedFile,
  type RecordedTask,
  type StoryRecord,
} from '../judge/record.ts';
import { type SeenFile, type SeenTask } from '../judge/seen.ts';
import {
  accounts,
  anna,
  boris,
  contractorsFile,
  contractorsWords,
  dina,
  group,
  maria,
  type Player,
  standIns,
  statuses,
} from './people.ts';
import { type Aspect, type Company, type Seen, type Stage, taskAt, type Tell } from './stage.ts';

/** Title of the task that all is about. */
export const storyTitle = 'Форма заявки на сайте';
const title = storyTitle;
const errand = 'Позвонить в бухгалтерию';
const all: readonly Company[] = ['romashka', 'teyron', 'pixel'];
const both: readonly Company[] = ['romashka', 'teyron'];

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Bytes of every value, so that a careless way loses some. */
const picture = Uint8Array.from({ length: 1_024 }, (_, index) => (index * 167 + 13) % 256);
const contractorsNote = new TextEncoder().encode('Форма свёрстана, отступы по макету.\n');

/**
 * Plays the story to its end, tells each scene, gives the record of what everybody did. `today`: the day it is played
 * on, ms. Throws when a CRM refuses an act or a side does not come to see what it should.
 */
export async function playStory(stage: Stage, today: number, tell: Tell): Promise<StoryRecord> {
  const day = (ahead: number): string =>
    `${new Date(today + ahead * 86_400_000).toISOString().slice(0, 10)}T18:00:00+03:00`;
  const tasks = new Map<Company, number>();
  const comments: RecordedComment[] = [];
  const files: RecordedFile[] = [];
  let task: Omit<RecordedTask, 'comments' | 'files'> = {
    title,
    text: 'Нужна форма заявки на главной странице:\nимя и телефон\nсогласие на обработку данных',
    status: 'new',
    creator: maria,
    holder: boris,
    deadline: Date.parse(day(7)),
    accounts: both,
  };

  const does = async (player: Player, act: Omit<Act, 'as'> & { readonly do: string }): Promise<number> => {
    const own = tasks.get(player.home);
    const result = await stage.act(player.home, {
      ...(own === undefined || act.do === 'create task' ? {} : { task: own }),
      ...act,
      as: player.as,
    });
    return Number((result as { readonly id?: number }).id);
  };
  const scene = async (
    headline: string,
    show: readonly Aspect[],
    holds: (at: (company: Company) => SeenTask) => boolean,
    where: readonly Company[] = task.accounts as readonly Company[],
    sweeping?: Company,
  ): Promise<Seen> => {
    const arrived = (now: Seen): boolean => {
      const found = where.map((company) => taskAt(now, company, title));
      if (found.includes(undefined)) return false;
      return holds((company) => {
        const one = taskAt(now, company, title);
        if (one === undefined) throw new Error(`the story looks at ${company}, where the task does not live`);
        return one;
      });
    };
    const seen = await stage.until(headline, arrived, sweeping);
    tell({ headline, show, seen });
    return seen;
  };
  const everywhere =
    (holds: (task: SeenTask, company: Company) => boolean) =>
    (at: (company: Company) => SeenTask): boolean =>
      (task.accounts as readonly Company[]).every((company) => holds(at(company), company));
  const isStatus =
    (meaning: string) =>
    (one: SeenTask, company: Company): boolean =>
      statuses[meaning]?.[company]?.includes(one.status) === true;
  const says = (one: SeenTask, text: string): boolean =>
    one.comments.some((comment) => comment.text === text);
  const hasFile = (list: readonly SeenFile[], name: string): boolean =>
    list.some((file) => file.name === name);
  const record = (author: Player, text: string, readers: readonly Company[], more: SeenFile[] = []): void => {
    comments.push({ author, text, files: more, readers });
  };
  const moveTo = async (player: Player, meaning: string, act: Act['do'], headline: string): Promise<void> => {
    const status = statuses[meaning]?.[player.home]?.[0] ?? '';
    await does(player, act === 'set status' ? { do: act, status: Number(status) } : { do: act });
    task = { ...task, status: meaning };
    await scene(headline, ['status'], everywhere(isStatus(meaning)));
  };

  tasks.set(
    'romashka',
    await does(maria, {
      do: 'create task',
      title,
      description:
        'Нужна [B]форма заявки[/B] на главной странице:\n[LIST][*]имя и телефон[*]согласие на обработку данных[/LIST]',
      responsible: standIns.teyronAtRomashka,
      group,
      deadline: day(7),
    }),
  );
  const begun = await scene(
    'Мария, the client, sets a task for «ТЕЙРОН» in her Bitrix24. It appears in the integrator’s Planfix.',
    ['title', 'status', 'holder', 'deadline'],
    everywhere((one) => one.deadline === task.deadline),
  );
  tasks.set('teyron', Number(taskAt(begun, 'teyron', title)?.id));
  await does(anna, { do: 'create task', name: errand, assignees: ['user:2'] });

  const question = 'Добрый день! Когда сможете начать?';
  await does(maria, { do: 'post message', text: question });
  record(maria, question, both);
  await scene(
    'Мария asks in the task’s chat; in Planfix it is a comment under her name.',
    ['last words'],
    everywhere((one) => says(one, question)),
  );
  const answer = 'Здравствуйте, Мария! Начинаем сегодня.';
  await does(anna, {
    do: 'add comment',
    text: '<p>Здравствуйте, <b>Мария</b>! Начинаем сегодня.</p>',
    recipients: [standIns.romashkaAtTeyron],
  });
  record(anna, answer, both);
  await scene(
    'Анна answers from Planfix; Мария reads it in her chat.',
    ['last words'],
    everywhere((one) => says(one, answer)),
  );

  await moveTo(boris, 'in work', 'set status', 'Борис takes the task into work.');

  await Promise.all([
    does(maria, { do: 'edit task', deadline: day(9) }),
    does(anna, { do: 'set deadline', deadline: day(11) }),
  ]);
  task = { ...task, deadline: Date.parse(day(11)) };
  await scene(
    'Мария and Анна move the deadline at the same moment. The mapping says: the hub’s word counts.',
    ['deadline'],
    everywhere((one) => one.deadline === task.deadline),
  );

  await does(anna, {
    do: 'edit task',
    assignees: [standIns.pixelAtTeyron],
    auditors: [standIns.pixelAtTeyron],
  });
  task = { ...task, accounts: all, holder: dina };
  const handed = await scene(
    'Анна hands the work to a contractor with a Planfix of its own. The client sees «ТЕЙРОН», as before.',
    ['holder', 'status'],
    everywhere((one) => one.assignees.length === 1),
  );
  tasks.set('pixel', Number(taskAt(handed, 'pixel', title)?.id));

  await does(dina, {
    do: 'add comment',
    text: `<p>${contractorsWords}</p>`,
    files: [{ name: contractorsFile, base64: Buffer.from(contractorsNote).toString('base64') }],
  });
  record(
    dina,
    contractorsWords,
    ['teyron', 'pixel'],
    [{ name: contractorsFile, sha256: sha256(contractorsNote) }],
  );
  await scene(
    'Дина, the contractor, writes and encloses a file: the integrator reads both, the client neither.',
    ['last words', 'files'],
    (at) =>
      at('teyron').comments.some(
        (comment) => comment.text === contractorsWords && hasFile(comment.files, contractorsFile),
      ),
  );
  const toContractor = 'Отлично, ждём. Телефон сделайте обязательным.';
  await does(anna, {
    do: 'add comment',
    text: `<p>${toContractor}</p>`,
    recipients: [standIns.pixelAtTeyron],
  });
  record(anna, toContractor, ['teyron', 'pixel']);
  await scene('Анна answers the contractor, and only the contractor.', ['last words'], (at) =>
    says(at('pixel'), toContractor),
  );

  await does(dina, { do: 'set assignees', users: [standIns.teyronAtPixel] });
  task = { ...task, holder: boris };
  await scene(
    'Дина is done and gives the task back to «ТЕЙРОН», where it lands with Борис.',
    ['holder'],
    (at) => at('teyron').assignees.join() === boris.name,
  );

  const draft = 'Форма готова, смотрите на тестовом сайте';
  const edited = 'Форма готова: адрес тестового сайта в письме, пароль прежний.';
  const comment = await does(boris, {
    do: 'add comment',
    text: `<p>${draft}</p>`,
    recipients: [standIns.romashkaAtTeyron],
  });
  await scene('Борис writes to the client …', ['last words'], (at) => says(at('romashka'), draft), both);
  await does(boris, { do: 'edit comment', comment, text: `<p>${edited}</p>` });
  await scene(
    '… edits it (Planfix tells nobody of edits: the sweep sees it) …',
    ['last words'],
    (at) => says(at('romashka'), edited),
    both,
    'teyron',
  );
  await does(boris, { do: 'delete comment', comment });
  await scene(
    '… and deletes it. It is gone from the client’s chat too.',
    ['last words'],
    (at) => !says(at('romashka'), edited),
    both,
    'teyron',
  );

  const withPicture = 'Скриншот готовой формы во вложении.';
  await does(boris, {
    do: 'add comment',
    text: `<p>${withPicture}</p>`,
    recipients: [standIns.romashkaAtTeyron],
    files: [{ name: 'форма.png', base64: Buffer.from(picture).toString('base64') }],
  });
  record(boris, withPicture, both, [{ name: 'форма.png', sha256: sha256(picture) }]);
  await scene(
    'Борис sends a picture of the form; its bytes arrive as they were.',
    ['last words', 'files'],
    (at) => at('romashka').comments.some(({ files: enclosed }) => hasFile(enclosed, 'форма.png')),
    both,
  );

  await moveTo(boris, 'under review', 'set status', 'Борис hands the work in for acceptance.');
  await moveTo(maria, 'new', 'disapprove', 'Мария presses «На доработку» in her own card.');
  const why = 'Кнопка должна быть зелёной, как в макете.';
  await does(maria, { do: 'post message', text: why });
  record(maria, why, both);
  await scene('… and says why.', ['last words'], (at) => says(at('teyron'), why), both);
  const logo = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"><circle r="9"/></svg>');
  await does(maria, { do: 'attach file', name: 'кнопка.svg', base64: Buffer.from(logo).toString('base64') });
  files.push({ name: 'кнопка.svg', sha256: sha256(logo), readers: both });
  await scene(
    'Мария attaches the button’s drawing to the task.',
    ['files'],
    (at) => hasFile(at('teyron').files, 'кнопка.svg'),
    both,
  );
  await moveTo(boris, 'in work', 'set status', 'Борис takes it up again …');
  await moveTo(boris, 'under review', 'set status', '… repaints the button and hands in once more.');

  const document = await stage.makeAct('teyron', String(tasks.get('teyron')), {
    сумма: '150000',
    договор: '№ 7 от 02.11.2026',
  });
  files.push({ name: document.fileName, sha256: sha256(document.bytes), readers: both });
  await scene(
    'Анна makes the act of completed work from a template and attaches it: the client has it too.',
    ['files'],
    (at) => both.every((company) => hasFile(at(company).files, document.fileName)),
    both,
  );
  await moveTo(maria, 'accepted', 'approve', 'Мария presses «Принять». The task is closed on every side.');
  await stage.quiet();

  return {
    accounts,
    statuses,
    tasks: [
      { ...task, comments, files },
      {
        title: errand,
        text: '',
        status: 'in work',
        creator: anna,
        holder: anna,
        deadline: null,
        accounts: ['teyron'],
        comments: [],
        files: [],
      },
    ],
  };
}
