/**
 * The document model in which descriptions and comments cross: small, safe, without scripts. A surface (Planfix HTML,
 * Bitrix24 BBCode of a description, of an old comment, of a chat) parses its markup into blocks that remember their
 * own source bytes, so that an edit elsewhere leaves every untouched block as it was.
 */
import { type LocalPersonId } from '../../errors/ids.ts';

export type TextMark = 'bold' | 'italic' | 'underline' | 'strike' | 'code';

export type Inline =
  | { readonly kind: 'text'; readonly text: string; readonly marks: readonly TextMark[] }
  | { readonly kind: 'break' }
  | { readonly kind: 'link'; readonly href: string; readonly children: readonly Inline[] }
  /** A person named by the account's own id; `name` as printed there. */
  | { readonly kind: 'mention'; readonly person: LocalPersonId; readonly name: string };

export type Block =
  | { readonly kind: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3 | 4; readonly children: readonly Inline[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: 'quote'; readonly children: readonly Block[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'table'; readonly rows: readonly (readonly (readonly Inline[])[])[] }
  | { readonly kind: 'rule' };

/** A block and the exact markup it came from; the sources of a body, joined, are the markup (law: parse keeps every byte). */
export interface SourcedBlock {
  readonly block: Block;
  readonly source: string;
}

export interface Body {
  readonly blocks: readonly SourcedBlock[];
}

/** One place where text stands in a CRM. Pure; made by the connector of that CRM. */
export interface Surface {
  /** `planfix.html`, `bitrix24.description`, `bitrix24.comment`, `bitrix24.chat`. */
  readonly name: string;
  /** Longest text in characters (`undefined` = no documented limit). */
  readonly maxLength?: number;
  /** Never throws: what it can't read is text. */
  parse(markup: string): Body;
  /** Blocks as markup of this surface; what the surface lacks (a table in a chat) becomes readable text. */
  print(blocks: readonly Block[]): string;
  /** What this surface can hold of a block: `print` then `parse` gives this (a list in a chat: paragraphs). */
  reduce(blocks: readonly Block[]): readonly Block[];
  /** Text by which two blocks of any surface are compared after `reduce`: white space, mark order and entities folded. */
  normal(block: Block): string;
  /**
   * What must stand between two stretches of markup that were no neighbours, so that the last block of the one and the
   * first of the other stay two. Absent = nothing.
   */
  seam?(left: string, right: string): string;
}

/** Maps each mention (to another person, or to its printed name when nobody stands for that person). */
export function mapMentions(
  blocks: readonly Block[],
  map: (person: LocalPersonId, name: string) => Inline,
): readonly Block[] {
  const inline = (node: Inline): Inline => {
    if (node.kind === 'mention') return map(node.person, node.name);
    if (node.kind === 'link') return { ...node, children: node.children.map(inline) };
    return node;
  };
  const walk = (block: Block): Block => {
    switch (block.kind) {
      case 'paragraph':
      case 'heading':
        return { ...block, children: block.children.map(inline) };
      case 'list':
        return { ...block, items: block.items.map((item) => item.map(walk)) };
      case 'quote':
        return { ...block, children: block.children.map(walk) };
      case 'table':
        return { ...block, rows: block.rows.map((row) => row.map((cell) => cell.map(inline))) };
      case 'code':
      case 'rule':
        return block;
    }
  };
  return blocks.map(walk);
}

/** People that blocks mention, in order, each as often as it is named. */
export function mentionsIn(blocks: readonly Block[]): readonly LocalPersonId[] {
  const people: LocalPersonId[] = [];
  mapMentions(blocks, (person, name) => {
    people.push(person);
    return { kind: 'mention', person, name };
  });
  return people;
}
