/** Fills a .docx template: variables, conditions, loops, table rows. What is wrong in it is told by paragraph, with the fix. */
import Docxtemplater, { type DXT } from 'docxtemplater';
import expressions from 'docxtemplater/expressions.js';
import PizZip from 'pizzip';
import { filters, FilterRefused, printed } from './filters.ts';
import { namesIn } from './names.ts';
import { paragraphAt } from './paragraphs.ts';
import { isMoment } from './wording.ts';

/** What a template may name. Absent values are `null`, never missing: a name that is not there is a mistake in the template. */
export type DocumentValue =
  string | number | boolean | null | readonly DocumentValue[] | { readonly [name: string]: DocumentValue };
export type DocumentData = Readonly<Record<string, DocumentValue>>;

export interface RenderProblem {
  readonly tag: string;
  /** Where it stands: the paragraph's number in its part of the document, from 1, and its text; null = nowhere in particular. */
  readonly paragraph: { readonly number: number; readonly text: string } | null;
  readonly message: string;
  readonly fix: string;
}

export type Rendered =
  | { readonly ok: true; readonly docx: Uint8Array }
  | { readonly ok: false; readonly problems: readonly RenderProblem[] };

/** A name, or what it is used as, that the data do not hold. */
class WrongUse extends Error {
  readonly fix: string;
  constructor(message: string, fix: string) {
    super(message);
    this.name = 'WrongUse';
    this.fix = fix;
  }
}

/** Values that may be left out of `--set`: `{дополнительно.ндс}` is empty then. */
export const optionalGroup = 'дополнительно';

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Refuses names that are nowhere in sight: a typing error must not become an empty place in a signed paper. */
function known([name = '', ...below]: readonly string[], scopes: readonly unknown[]): void {
  if (name === '$index') return;
  const scope = scopes.findLast((one) => isGroup(one) && Object.hasOwn(one, name));
  if (!isGroup(scope)) {
    const near = nearest(name, scopes.filter(isGroup).flatMap(Object.keys));
    throw new WrongUse(
      `There is no variable "${name}".`,
      `${near === null ? 'Correct the name' : `Write "${near}"`}, or give its value: --set ${name}=…`,
    );
  }
  let path = name;
  let value = scope[name];
  for (const next of below) {
    if (!isGroup(value) || path === optionalGroup) return;
    if (!Object.hasOwn(value, next)) {
      const near = nearest(next, Object.keys(value));
      throw new WrongUse(
        `"${path}" has no "${next}".`,
        `${near === null ? '' : `Write "${path}.${near}". `}It has: ${Object.keys(value).join(', ')}.`,
      );
    }
    path = `${path}.${next}`;
    value = value[next];
  }
}

/** The name that was most likely meant; null when none is close. */
function nearest(name: string, candidates: readonly string[]): string | null {
  const most = Math.max(1, Math.floor(name.length / 3));
  const ranked = [...new Set(candidates)]
    .map((one) => ({ one, distance: editDistance(name.toLowerCase(), one.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= most ? best.one : null;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}

// Its types describe a `default` that the CommonJS module does not have: the module is the parser itself.
const compile = (expressions as unknown as typeof expressions.default).configure({ filters: { ...filters } });

function parser(tag: string): DXT.Parser {
  const compiled = compile(tag);
  const { ast }: { ast: unknown } = compiled.compiled;
  const names = namesIn(ast);
  return {
    get(scope: unknown, context: DXT.ParserContext): unknown {
      for (const path of names) known(path, context.scopeList);
      const value: unknown = compiled.get(scope, context);
      const section = context.meta.part.module === 'loop';
      if (section) return isMoment(value) ? true : value;
      if (value == null) return '';
      if (isMoment(value) || typeof value === 'number') return printed(value);
      if (typeof value === 'boolean') return value ? 'да' : 'нет';
      if (Array.isArray(value))
        throw new WrongUse(`"${tag}" is a list.`, `Write {#${tag}} … {/} around what is said of each.`);
      if (isGroup(value)) {
        throw new WrongUse(
          `"${tag}" is a group of values, none by itself.`,
          `Name one of them: ${Object.keys(value)
            .map((name) => `{${tag}.${name}}`)
            .join(', ')}`,
        );
      }
      return value;
    },
  };
}

interface Told {
  readonly id: string;
  readonly tag: string;
  readonly offset: number | null;
  readonly file: string | null;
  readonly explanation: string;
  readonly root: unknown;
}

/** docxtemplater's errors carry tag and offset under `properties`, many errors in one. */
function toldBy(error: unknown): Told[] {
  if (!(error instanceof Error)) throw new Error('the template engine failed', { cause: error });
  const properties: unknown = 'properties' in error ? error.properties : null;
  if (!isGroup(properties)) throw error;
  const { id, errors, xtag, offset, file, explanation, rootError } = properties;
  if (Array.isArray(errors)) return errors.flatMap(toldBy);
  const at: unknown = Array.isArray(offset) ? offset[0] : offset;
  return [
    {
      id: String(id),
      tag: typeof xtag === 'string' ? xtag : '',
      offset: typeof at === 'number' ? at : null,
      file: typeof file === 'string' ? file : null,
      explanation: typeof explanation === 'string' ? explanation : error.message,
      root: rootError,
    },
  ];
}

function problemOf(template: PizZip, told: Told): RenderProblem {
  const part = told.file === null ? null : template.file(told.file);
  const paragraph = part && told.offset !== null ? paragraphAt(part.asText(), told.offset) : null;
  return { tag: told.tag, paragraph, ...said(told) };
}

function said({ id, tag, explanation, root }: Told): { message: string; fix: string } {
  if (root instanceof WrongUse || root instanceof FilterRefused)
    return { message: root.message, fix: root.fix };
  switch (id) {
    case 'unclosed_tag':
      return { message: `"{${tag.trim()}" has no closing brace.`, fix: 'Put } at the end of the variable.' };
    case 'unopened_tag':
      return {
        message: `A } stands after "${tag.trim()}" without a {.`,
        fix: 'Put { before the variable, or remove the }.',
      };
    case 'duplicate_open_tag':
    case 'duplicate_close_tag':
      return { message: `Doubled brace at "${tag}".`, fix: 'Write one { before and one } after a variable.' };
    case 'unclosed_loop':
      return {
        message: `"{#${tag}}" is never closed.`,
        fix: `Put {/${tag}} or {/} where the section or table row ends.`,
      };
    case 'unopened_loop':
      return {
        message: `"{/${tag}}" closes what was never opened.`,
        fix: `Put {#${tag}} before it, or remove it.`,
      };
    case 'closing_tag_does_not_match_opening_tag':
      return {
        message: explanation,
        fix: 'Close sections in the reverse order of their opening; {/} closes the last one.',
      };
    case 'scopeparser_compilation_failed':
      return {
        message: `"{${tag}}" can not be understood: ${root instanceof Error ? root.message.split('\n')[0] : explanation}`,
        fix: `Check names, quotes and brackets. Filters: ${Object.keys(filters).join(', ')}.`,
      };
    default:
      return {
        message: explanation,
        fix: 'Correct this place of the template and try again.',
      };
  }
}

const notOne = (): RenderProblem => ({
  tag: '',
  paragraph: null,
  message: 'The template is no .docx file.',
  fix: 'Save it as "Word document (.docx)", not as .doc, .rtf or .odt.',
});

function unzip(bytes: Uint8Array): PizZip | null {
  try {
    const zip = new PizZip(bytes);
    return zip.file('word/document.xml') ? zip : null;
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

/** Dates inside the archive are constant, so that equal content gives equal bytes. */
const archived = new Date(2000, 0, 1);

/** Never throws for what a template may hold; `data` is everything that it may name. */
export function renderDocument(template: Uint8Array, data: DocumentData): Rendered {
  const zip = unzip(template);
  const source = unzip(template);
  if (zip === null || source === null) return { ok: false, problems: [notOne()] };
  try {
    const document = new Docxtemplater(zip, {
      paragraphLoop: true,
      linebreaks: true,
      errorLogging: false,
      parser,
      nullGetter: () => '',
    });
    document.render(data);
    const filled = document.getZip();
    for (const file of Object.values(filled.files)) file.date = archived;
    return { ok: true, docx: filled.generate({ type: 'uint8array', compression: 'DEFLATE' }) };
  } catch (error) {
    return { ok: false, problems: toldBy(error).map((told) => problemOf(source, told)) };
  }
}
