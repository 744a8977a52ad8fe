/** What the demo prints: one sentence a scene, and below it what each side sees, side by side. Pure. */
import { type Company, type Scene, type Seen, taskAt } from '../../simulation/story/stage.ts';
import { type SeenTask } from '../../simulation/judge/seen.ts';

const labelWidth = 10;
const columnWidth = 31;
const linesMax = 3;

/** Escape sequences, or none where the output is no terminal. */
export interface Dress {
  bold(text: string): string;
  dim(text: string): string;
}

export const plainDress: Dress = { bold: (text) => text, dim: (text) => text };
export const terminalDress: Dress = {
  bold: (text) => `\u001b[1m${text}\u001b[0m`,
  dim: (text) => `\u001b[2m${text}\u001b[0m`,
};

const heads: Readonly<Record<Company, string>> = {
  romashka: 'Ромашка · Bitrix24',
  teyron: 'ТЕЙРОН · Planfix',
  pixel: 'Пиксель · Planfix',
};
const order: readonly Company[] = ['romashka', 'teyron', 'pixel'];

/** Lines no longer than a column; what does not fit ends with «…». */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [''];
  for (const word of text.split(/\s+/u)) {
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  const kept = lines
    .slice(0, linesMax)
    .map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line));
  if (lines.length > linesMax) kept[linesMax - 1] = `${(kept[linesMax - 1] ?? '').slice(0, width - 1)}…`;
  return kept;
}

const moscow = new Intl.DateTimeFormat('ru-RU', {
  timeZone: 'Europe/Moscow',
  day: '2-digit',
  month: '2-digit',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

function rowsOf(
  aspect: Scene['show'][number],
): readonly (readonly [label: string, of: (task: SeenTask) => string])[] {
  switch (aspect) {
    case 'title':
      return [['task', ({ title }) => title]];
    case 'status':
      return [['status', ({ statusName }) => statusName]];
    case 'holder':
      return [['holder', ({ assignees }) => assignees.join(', ')]];
    case 'deadline':
      return [['deadline', ({ deadline }) => (deadline === null ? '—' : moscow.format(deadline))]];
    case 'last words':
      return [
        ['writes', ({ comments }) => comments.at(-1)?.author ?? '—'],
        ['', ({ comments }) => (comments.length === 0 ? '' : `«${comments.at(-1)?.text ?? ''}»`)],
      ];
    case 'files':
      return [
        [
          'files',
          ({ comments, files }) =>
            [...files, ...comments.flatMap((comment) => comment.files)].map(({ name }) => name).join(', ') ||
            '—',
        ],
      ];
  }
}

/** Lines of one scene; companies where the task does not live are left out until it does. */
export function sceneLines(
  scene: Scene,
  title: string,
  number: number,
  note: string,
  dress: Dress,
): string[] {
  const present = order.filter((company) => taskAt(scene.seen, company, title) !== undefined);
  const line = (label: string, cells: readonly string[]): string =>
    `    ${dress.dim(label.padEnd(labelWidth))}${cells.map((cell) => cell.padEnd(columnWidth)).join('  ')}`.trimEnd();
  const lines = [
    '',
    `${dress.bold(`${String(number).padStart(2)}  ${scene.headline}`)}  ${dress.dim(note)}`,
    line(
      '',
      present.map((company) => heads[company]),
    ),
  ];
  for (const aspect of scene.show)
    for (const [label, of] of rowsOf(aspect)) {
      const cells = present.map((company) => wrapped(cellOf(scene.seen, company, title, of), columnWidth));
      const height = Math.max(...cells.map((cell) => cell.length));
      for (let index = 0; index < height; index += 1)
        lines.push(
          line(
            index === 0 ? label : '',
            cells.map((cell) => cell[index] ?? ''),
          ),
        );
    }
  return lines;
}

function cellOf(seen: Seen, company: Company, title: string, of: (task: SeenTask) => string): string {
  const task = taskAt(seen, company, title);
  return task === undefined ? '' : of(task);
}
