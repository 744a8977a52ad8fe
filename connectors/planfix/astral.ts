/**
 * Characters beyond the Basic Multilingual Plane, emoji above all, which some accounts are said to refuse (reference 8.3,
 * `html.rejectAstral`): in HTML a numeric reference says the same, in a title nothing does.
 */
const astral = /[\u{10000}-\u{10ffff}]/gu;

export const titleInPlane = (title: string): string => title.replace(astral, '□');

const htmlInPlane = (html: string): string =>
  html.replace(astral, (sign) => `&#${String(sign.codePointAt(0))};`);

type Body = Readonly<Record<string, unknown>>;

/** A body of which every account takes the characters; the same body where it is one already. */
export function bodyInPlane(body: Body): Body {
  const { name, description } = body;
  const plain = {
    ...(typeof name === 'string' && name !== titleInPlane(name) ? { name: titleInPlane(name) } : {}),
    ...(typeof description === 'string' && description !== htmlInPlane(description)
      ? { description: htmlInPlane(description) }
      : {}),
  };
  return Object.keys(plain).length === 0 ? body : { ...body, ...plain };
}
