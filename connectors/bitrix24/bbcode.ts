/**
 * Reads BBCode as Bitrix24's descriptions, comments and chats use it (bitrix24-api.md, section 21). Tolerant by
 * construction: a tag that nobody closes, or that is not known, is text; crossing tags are untangled by the builder.
 */
import { type Body, type TextMark } from '../../sync/core/body.ts';
import { type BodyBuilder, buildBody, plainBody } from '../../sync/core/bodyBuilder.ts';
import { safeHref } from '../../sync/core/bodyForm.ts';
import { as } from '../../errors/ids.ts';

/** Where it is read: a chat has no lists and tables, but `>>` lines and blocks between lines of dashes. */
export type Dialect = 'document' | 'chat';

/**
 * Zero-width space. Stands behind a `[` that must stay text, and before what a chat would read as a quote: invisible,
 * and no reader of BBCode takes `[` + this for a tag. Every surface drops it again when reading.
 */
const GUARD = '\u200b';

const MARKS: Readonly<Record<string, TextMark>> = { b: 'bold', i: 'italic', u: 'underline', s: 'strike' };
const FRAMES: Readonly<Record<string, 'quote' | 'list' | 'table' | 'row' | 'cell'>> = {
  quote: 'quote',
  list: 'list',
  table: 'table',
  tr: 'row',
  td: 'cell',
  th: 'cell',
};
/** Tags that only end a paragraph. */
const EDGES = new Set(['left', 'right', 'center', 'justify', 'p']);
/** Tags without an end: files, icons. They leave nothing in the text. */
const SINGLE = new Set(['disk', 'icon', 'attach']);
/** The rest says nothing to the other side: its content stays. */
const BARE = ['url', 'user', 'chat', 'color', 'size', 'font', 'context', 'put', 'send', 'call', 'img'];

const CHAT_NAMES = [...Object.keys(MARKS), 'quote', 'code', 'br', ...SINGLE, ...BARE].join('|');
const ALL_NAMES = [CHAT_NAMES, ...Object.keys(FRAMES), ...EDGES, '\\*'].join('|');
const tagOf = (names: string): RegExp => new RegExp(`\\[(/?)(${names})(?:[= ]([^\\[\\]\\n]*))?\\]`, 'iy');
const TAGS: Readonly<Record<Dialect, RegExp>> = { document: tagOf(ALL_NAMES), chat: tagOf(CHAT_NAMES) };

const IMAGE = /\[img[^[\]\n]*\]([^[\]\n]*)\[\/img\]/iy;
const ADDRESS = /\[url\]([^[\]\n]*)\[\/url\]/iy;
const PERSON = /\[user=(\d+)[^[\]\n]*\]([^[\]\n]*)\[\/user\]/iy;
const CODE_END = /\[\/code\]/gi;
const DASHES = /-{6,}[ \t]*(?=\r?\n|$)/y;
const GAP = /\n(?:[ \t\r]*\n)*/y;

type Token = { readonly at: number; readonly end: number } & (
  | { readonly kind: 'text' | 'quoted' }
  | { readonly kind: 'lines'; readonly count: number }
  | { readonly kind: 'open'; readonly name: string; readonly value: string; paired: boolean }
  | { readonly kind: 'close'; readonly name: string; paired: boolean }
  | { readonly kind: 'dashes'; paired: boolean }
  | { readonly kind: 'link'; readonly href: string; readonly text: string }
  | { readonly kind: 'person'; readonly id: string; readonly name: string }
  | { readonly kind: 'code'; readonly text: string }
);

function match(pattern: RegExp, markup: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(markup) ?? undefined;
}

/** The markup cut into tokens that join to it again. */
function tokenize(markup: string, dialect: Dialect): readonly Token[] {
  const tokens: Token[] = [];
  const chat = dialect === 'chat';
  let bracket = -1;
  let feed = -1;
  let codeEnds = true;
  for (let at = 0; at < markup.length; at = tokens.at(-1)?.end ?? markup.length) {
    if (bracket < at) bracket = next(markup, '[', at);
    if (feed < at) feed = next(markup, '\n', at);
    if (chat && (at === 0 || markup[at - 1] === '\n')) {
      const dashes = match(DASHES, markup, at);
      if (dashes !== undefined) {
        tokens.push({ kind: 'dashes', at, end: at + dashes[0].length, paired: false });
        continue;
      }
      if (markup.startsWith('>>', at)) {
        tokens.push({ kind: 'quoted', at, end: at + 2 });
        continue;
      }
    }
    if (at === feed) {
      const gap = match(GAP, markup, at)?.[0] ?? '\n';
      tokens.push({ kind: 'lines', at, end: at + gap.length, count: gap.split('\n').length - 1 });
    } else if (at === bracket) {
      const token = readTag(markup, at, dialect, codeEnds);
      if (token === 'endless code') codeEnds = false;
      tokens.push(typeof token === 'object' ? token : { kind: 'text', at, end: at + 1 });
    } else {
      tokens.push({ kind: 'text', at, end: Math.min(bracket, feed) });
    }
  }
  return tokens;
}

const next = (markup: string, char: string, from: number): number => {
  const at = markup.indexOf(char, from);
  return at === -1 ? markup.length : at;
};

function readTag(
  markup: string,
  at: number,
  dialect: Dialect,
  codeEnds: boolean,
): Token | 'text' | 'endless code' {
  const tag = match(TAGS[dialect], markup, at);
  if (tag === undefined) return 'text';
  const [whole, slash, rawName, value = ''] = tag;
  const name = (rawName ?? '').toLowerCase();
  const end = at + whole.length;
  if (slash === '/') return { kind: 'close', name, at, end, paired: false };
  if (name === 'code') {
    const close = codeEnds ? match(CODE_END, markup, end) : undefined;
    if (close === undefined) return 'endless code';
    return { kind: 'code', text: markup.slice(end, close.index), at, end: close.index + close[0].length };
  }
  const person = name === 'user' ? match(PERSON, markup, at) : undefined;
  if (person !== undefined) {
    return { kind: 'person', id: person[1] ?? '', name: person[2] ?? '', at, end: at + person[0].length };
  }
  const address =
    name === 'url' ? match(ADDRESS, markup, at) : name === 'img' ? match(IMAGE, markup, at) : undefined;
  if (address !== undefined) {
    const text = (address[1] ?? '').trim();
    const href = safeHref(text);
    const label = name === 'img' && href !== undefined ? fileName(href) : text;
    return { kind: 'link', href: href ?? '', text: label, at, end: at + address[0].length };
  }
  return { kind: 'open', name, value, at, end, paired: false };
}

const fileName = (href: string): string => (href.split(/[?#]/)[0]?.split('/').at(-1) ?? '') || href;

/** Marks the tags that have their other half; lines of dashes go in twos. */
function pair(tokens: readonly Token[]): void {
  const open = new Map<string, { paired: boolean }[]>();
  for (const token of tokens) {
    if (token.kind === 'open') {
      const waiting = open.get(token.name);
      if (waiting === undefined) open.set(token.name, [token]);
      else waiting.push(token);
    } else if (token.kind === 'close' || token.kind === 'dashes') {
      const name = token.kind === 'close' ? token.name : '-';
      const waiting = open.get(name) ?? [];
      const first = waiting.pop();
      if (first !== undefined) {
        first.paired = true;
        token.paired = true;
      } else if (token.kind === 'dashes') open.set(name, [token]);
    }
  }
}

/** BBCode as a body. Never throws; linear in the length of the markup. */
export function parseBbcode(markup: string, dialect: Dialect): Body {
  const quick = !markup.includes('[') && !markup.includes('\n');
  if (quick && !(dialect === 'chat' && /^(?:>>|------)/.test(markup))) return plainBody(markup);
  const tokens = tokenize(markup, dialect);
  pair(tokens);
  const builder = buildBody(markup);
  const hrefs: (string | undefined)[] = [];
  let quoted = false;
  let betweenDashes = false;

  tokens.forEach((token, index) => {
    switch (token.kind) {
      case 'lines':
        if (quoted && !(token.count === 1 && tokens[index + 1]?.kind === 'quoted')) {
          builder.close('quote', token.at, token.at);
          quoted = false;
        } else if (token.count === 1) builder.lineBreak(token.at);
        else builder.edge(token.at);
        return;
      case 'quoted':
        if (!quoted) builder.open('quote', token.at);
        quoted = true;
        return;
      case 'dashes':
        if (!token.paired) break;
        if (betweenDashes) builder.close('quote', token.at, token.end);
        else builder.open('quote', token.at);
        betweenDashes = !betweenDashes;
        return;
      case 'code':
        builder.code(token.text, token.at, token.end);
        return;
      case 'person':
        builder.mention(as(token.id), token.name, token.at);
        return;
      case 'link': {
        const href = token.href === '' ? undefined : token.href;
        builder.openInline(token.at, undefined, href);
        builder.text(token.text, token.at);
        builder.closeInline(token.end, undefined, href);
        return;
      }
      case 'open':
        if (readSingle(builder, token.name, token.at)) return;
        if (!token.paired) break;
        openTag(builder, token.name, token.value, token.at, hrefs);
        return;
      case 'close':
        if (token.name === '*') return;
        if (!token.paired) break;
        closeTag(builder, token, hrefs);
        return;
      case 'text':
        break;
    }
    builder.text(markup.slice(token.at, token.end), token.at);
  });
  return builder.finish();
}

function readSingle(builder: BodyBuilder, name: string, at: number): boolean {
  if (name === 'br') builder.lineBreak(at);
  else if (name === '*' && builder.inside('list')) builder.open('item', at);
  else return SINGLE.has(name);
  return true;
}

function openTag(
  builder: BodyBuilder,
  name: string,
  value: string,
  at: number,
  hrefs: (string | undefined)[],
): void {
  const frame = Object.hasOwn(FRAMES, name) ? FRAMES[name] : undefined;
  if (frame !== undefined) builder.open(frame, at, value !== '');
  else if (EDGES.has(name)) builder.edge(at);
  else if (name === 'url') {
    hrefs.push(safeHref(value.replace(/^["']|["']$/g, '')));
    builder.openInline(at, undefined, hrefs.at(-1));
  } else builder.openInline(at, Object.hasOwn(MARKS, name) ? MARKS[name] : undefined);
}

function closeTag(
  builder: BodyBuilder,
  { name, at, end }: Token & { kind: 'close' },
  hrefs: (string | undefined)[],
): void {
  const frame = Object.hasOwn(FRAMES, name) ? FRAMES[name] : undefined;
  if (frame !== undefined) builder.close(frame, at, end);
  else if (EDGES.has(name)) builder.edge(at);
  else if (name === 'url') builder.closeInline(end, undefined, hrefs.pop());
  else builder.closeInline(end, Object.hasOwn(MARKS, name) ? MARKS[name] : undefined);
}

const LOOKS_LIKE_TAG = new RegExp(`\\[(?=/?(?:${ALL_NAMES}|timestamp)(?![a-z0-9]))`, 'gi');

/** Text that stays text when it is read as BBCode. */
export const escapeBbcode = (text: string): string => text.replace(LOOKS_LIKE_TAG, `[${GUARD}`);
/** The same for what stands inside `[CODE]`, where only the end tag has a meaning. */
export const escapeCode = (text: string): string => text.replace(/\[(?=\/code\])/gi, `[${GUARD}`);
/** Lines of a chat that would be read as a quote. */
export const escapeLines = (text: string): string => text.replace(/^(?=>>|-{6,}[ \t]*$)/gm, GUARD);
