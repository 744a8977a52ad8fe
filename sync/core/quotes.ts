/**
 * Quotations: what a comment repeats of another message, in a quote or as a reply to it, is shown to nobody who must not
 * read that message. Which messages a quote repeats is found where it is read, in the words of that account, and kept with
 * the comment: those words may be edited or hidden afterwards. Pure.
 */
import { type AccountId, type MessageId } from '../../errors/ids.ts';
import { isSecretFrom, reaches } from './audience.ts';
import { type Block, type Inline } from './body.ts';
import { plainText } from './bodyForm.ts';
import { type Context } from './context.ts';
import { type Message, type Party } from './item.ts';
import { blocksFor, shownName } from './project.ts';
import { type CommentWorld } from './replica.ts';

type Quote = Extract<Block, { kind: 'quote' }>;

/** Changes the outermost quotes of a text, which have numbers in their order. */
function mapQuotes(
  blocks: readonly Block[],
  change: (quote: Quote, index: number) => readonly Block[],
): readonly Block[] {
  let index = -1;
  const walk = (list: readonly Block[]): readonly Block[] =>
    list.flatMap((block): readonly Block[] => {
      if (block.kind === 'quote') {
        index += 1;
        return change(block, index);
      }
      if (block.kind !== 'list') return [block];
      const items = block.items.map(walk).filter((item) => item.length > 0);
      return items.length === 0 ? [] : [{ ...block, items }];
    });
  return walk(blocks);
}

function quotesIn(blocks: readonly Block[]): readonly Quote[] {
  const quotes: Quote[] = [];
  mapQuotes(blocks, (quote) => {
    quotes.push(quote);
    return [quote];
  });
  return quotes;
}

const fold = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/[\u200b-\u200d\ufeff]/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();

const linesIn = (blocks: readonly Block[]): readonly string[] =>
  plainText(blocks)
    .split('\n')
    .map(fold)
    .filter((line) => line !== '');

/** What a message says itself: without what it quotes. */
const ownWords = (blocks: readonly Block[]): readonly string[] => linesIn(mapQuotes(blocks, () => []));

export const partyOf = ({ author, provenance }: Message): Party =>
  author ?? { kind: 'organisation', home: provenance.organisation };

const nameIn = (context: Context, account: AccountId, message: Message): string =>
  shownName(context, account, partyOf(message), message.authorName);

interface Spoken {
  readonly message: Message;
  readonly lines: readonly string[];
}

/** Shorter words stand in too many places by chance: they count as a whole line only. */
const tellingLength = 12;

function says(lines: readonly string[], quoted: string): boolean {
  const words = quoted.replace(/:$/u, '');
  return lines.some(
    (line) =>
      line === quoted ||
      line === words ||
      (line.length >= tellingLength && quoted.includes(line)) ||
      (words.length >= tellingLength && line.includes(words)),
  );
}

/** The messages that together say the most of these lines; of equals the one that fewer may read, then the younger. */
function repeatedIn(account: AccountId, lines: readonly string[], known: readonly Spoken[]): MessageId[] {
  const foreign = ({ message }: Spoken): number => (message.provenance.organisation === account ? 0 : 1);
  const found: MessageId[] = [];
  for (let left = lines; ;) {
    const [best] = known
      .map((one) => ({ ...one, said: left.filter((line) => says(one.lines, line)) }))
      .filter(({ said }) => said.length > 0)
      .sort(
        (one, other) =>
          other.said.length - one.said.length ||
          Number(other.message.hidden) - Number(one.message.hidden) ||
          foreign(other) - foreign(one) ||
          other.message.at - one.message.at,
      );
    if (best === undefined) return found;
    found.push(best.message.id);
    left = left.filter((line) => !best.said.includes(line));
  }
}

/**
 * Of each quote in a comment of `account`, the messages whose words it repeats; undefined = no quote repeats any. `before` is
 * the message as it was until now: a quote that stands as it stood repeats what it repeated, whatever became of those words.
 */
export function quotationsIn(
  context: Context,
  account: AccountId,
  blocks: readonly Block[],
  messages: readonly Message[],
  before?: Message,
): Message['quotes'] {
  const quotes = quotesIn(blocks);
  const stood = before === undefined ? [] : quotesIn(blocksFor(context, account, before.text));
  const repeatedBefore = (lines: readonly string[]): readonly MessageId[] =>
    stood.flatMap(({ children }, index) =>
      linesIn(children).join('\n') === lines.join('\n') ? (before?.quotes?.[index] ?? []) : [],
    );
  if (quotes.length === 0) return undefined;
  const known = messages.map((message): Spoken => {
    const words = ownWords(blocksFor(context, account, message.text));
    // A copy is quoted together with the line that names its author.
    const name = message.origin.account === account ? [] : [fold(nameIn(context, account, message))];
    return { message, lines: [...name, ...words] };
  });
  const found = quotes.map(({ children }) => {
    const lines = linesIn(children);
    return [...new Set([...repeatedIn(account, lines, known), ...repeatedBefore(lines)])];
  });
  return found.every((of) => of.length === 0) ? undefined : found;
}

/**
 * The words of a message as another account may read them: quotes of what is secret from it are left out, and people who
 * are quoted have the names that it knows them by.
 */
export function wordsFor(
  context: Context,
  account: AccountId,
  message: Message,
  thread: readonly Message[],
): readonly Block[] {
  const blocks = blocksFor(context, account, message.text);
  const { quotes } = message;
  if (quotes === undefined) return blocks;
  const shown = mapQuotes(blocks, (quote, index) => {
    const of = thread.filter(({ id }) => quotes[index]?.includes(id));
    if (of.some((one) => isSecretFrom(context, one, account))) return [];
    const names = of
      .filter(({ origin }) => origin.account !== message.text.account)
      .map((one) => [nameIn(context, message.text.account, one), nameIn(context, account, one)] as const);
    return renamed([quote], names);
  });
  return shown.length === 0 && blocks.length > 0 ? [paragraph('…', false)] : shown;
}

const paragraph = (text: string, bold: boolean): Block => ({
  kind: 'paragraph',
  children: [{ kind: 'text', text, marks: bold ? ['bold'] : [] }],
});

function renamed(blocks: readonly Block[], names: readonly (readonly [string, string])[]): readonly Block[] {
  const inline = (node: Inline): Inline => {
    if (node.kind === 'link') return { ...node, children: node.children.map(inline) };
    if (node.kind !== 'text') return node;
    return { ...node, text: names.reduce((text, [was, is]) => text.replaceAll(was, is), node.text) };
  };
  return blocks.map((block): Block => {
    switch (block.kind) {
      case 'paragraph':
      case 'heading':
        return { ...block, children: block.children.map(inline) };
      case 'list':
        return { ...block, items: block.items.map((item) => renamed(item, names)) };
      case 'quote':
        return { ...block, children: renamed(block.children, names) };
      case 'table':
        return { ...block, rows: block.rows.map((row) => row.map((cell) => cell.map(inline))) };
      case 'code':
      case 'rule':
        return block;
    }
  });
}

/** Characters of a message that stand above an answer to it. */
const excerptMax = 160;

/**
 * What stands above an answer where comments have no replies: who is answered, and the first words. Nothing above one that
 * quotes by itself, or of a message that the account is not shown.
 */
export function answeredWords(
  context: Context,
  account: AccountId,
  world: CommentWorld,
  message: Message,
  thread: readonly Message[],
): readonly Block[] {
  if (world === 'chat' || message.replyTo === null) return [];
  const answered = thread.find(({ id }) => id === message.replyTo);
  if (answered?.state !== 'live') return [];
  if (answered.origin.account !== account && !reaches(context, answered, account)) return [];
  if (quotesIn(blocksFor(context, account, message.text)).length > 0) return [];
  const files = context.mapping.files.share ? answered.files.filter(({ state }) => state === 'live') : [];
  const words = ownWords(blocksFor(context, account, answered.text)).join(' ');
  const said = words === '' ? files.map(({ name }) => `«${name}»`).join(', ') : words;
  const letters = [...said];
  const excerpt = letters.length > excerptMax ? `${letters.slice(0, excerptMax).join('').trimEnd()}…` : said;
  return [
    {
      kind: 'quote',
      children: [
        paragraph(`${nameIn(context, account, answered)}:`, true),
        ...(excerpt === '' ? [] : [paragraph(excerpt, false)]),
      ],
    },
  ];
}

/** Messages whose copies read otherwise from now on, for one that they repeat was hidden, shown again or taken back. */
export function repeatersOf(before: readonly Message[], after: readonly Message[]): readonly Message[] {
  const was = new Map(before.map((message) => [message.id, message]));
  const turned = after.filter(({ id, hidden }) => hidden !== (was.get(id)?.hidden ?? hidden));
  const ended = after.filter(({ id, state }) => state !== (was.get(id)?.state ?? state));
  if (turned.length + ended.length === 0) return [];
  const quoted = new Set(turned.map(({ id }) => id));
  const answered = new Set([...turned, ...ended].map(({ id }) => id));
  return after.filter(
    ({ quotes, replyTo }) =>
      quotes?.some((of) => of.some((id) => quoted.has(id))) === true ||
      (replyTo !== null && answered.has(replyTo)),
  );
}
