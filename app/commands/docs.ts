/** `svyazka docs make` */
import { readFile, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { DocumentRefused, type DocumentOrder, makeDocument } from '../../docs-templates/make.ts';
import { as, type AccountId, type LocalTaskId, type RoleName } from '../../errors/ids.ts';
import { failed, type Io, refused, taskRef, wrongUse } from './io.ts';
import { engineOf, type Session } from './session.ts';

export interface DocsMakeOptions {
  readonly for?: string;
  readonly attach?: boolean;
  readonly set?: readonly string[];
  readonly out?: string;
}

function valuesOf(pairs: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    if (at < 1 || !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name))
      throw wrongUse(`--set ${pair} names no value. Write --set name=value, for example --set сумма=150000`);
    values[name] = pair.slice(at + 1);
  }
  return values;
}

async function templateOf(template: string): Promise<DocumentOrder['template']> {
  if (!/\.docx$/iu.test(template)) return template;
  const bytes = await readFile(template).catch((error: unknown) => {
    throw failed(`${template} can not be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  return { name: basename(template), bytes };
}

/** Makes a document from what a role sees of a task; written to a file unless it is only attached. */
export async function docsMake(
  session: Session,
  io: Io,
  template: string,
  text: string,
  options: DocsMakeOptions,
): Promise<void> {
  const { account, task } = taskRef(text);
  const extra = valuesOf(options.set ?? []);
  const order = {
    template: await templateOf(template),
    account: as<AccountId>(account),
    task: as<LocalTaskId>(task),
    attach: options.attach === true,
    extra,
    ...(options.for === undefined ? {} : { forRole: as<RoleName>(options.for) }),
  };
  const deps = await engineOf(session, null);
  const made = await makeDocument({ deps, ...order }).catch((error: unknown) => {
    throw error instanceof DocumentRefused ? refused(explained(error, io)) : error;
  });
  const { attached, role, fileName } = made;
  const out = options.out === undefined && options.attach === true ? null : resolve(options.out ?? fileName);
  if (out !== null)
    await writeFile(out, made.docx).catch((error: unknown) => {
      throw failed(`${out} can not be written: ${error instanceof Error ? error.message : String(error)}`);
    });
  const said = [
    ...(out === null ? [] : [`Written for role ${role}: ${out}`]),
    ...(attached === undefined
      ? []
      : [
          attached.is === 'already'
            ? `${text} has "${fileName}" already: nothing was attached.`
            : `Attached to ${text}: "${fileName}", made for role ${role}.`,
          attached.shownTo.length === 0
            ? 'It stays there: others of this task may not read all of it, or take no files.'
            : `The bridge shows it in: ${attached.shownTo.join(', ')}.`,
        ]),
  ];
  io.result({ fileName, role, file: out, attached: attached ?? null }, said.join('\n'));
}

/** Each mistake with its paragraph and fix; with `--json` also as objects. */
function explained(error: DocumentRefused, io: Io): string {
  if (io.json) for (const problem of error.problems) io.result({ record: 'problem', ...problem }, '');
  return [
    error.message,
    ...error.problems.map(({ paragraph, tag, message, fix }) => {
      const place = paragraph === null ? '' : `Paragraph ${String(paragraph.number)}, "${paragraph.text}": `;
      return `  ${place}${tag === '' ? '' : `{${tag}} `}${message}\n      → ${fix}`;
    }),
  ].join('\n');
}
