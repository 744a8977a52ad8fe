/** Answers of methods called with `.xml` (section 1; general-principles.md and custom-methods.md of the vendor's reference). */
import { type EmulatorResponse, type Json } from '../common/types.ts';

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${String(sign.charCodeAt(0))};`);

const scalar = (value: string | number | boolean | null): string =>
  value === null || value === false ? '' : value === true ? '1' : escaped(String(value));

const isName = (key: string): boolean => /^[\p{L}_][\p{L}\p{N}._-]*$/u.test(key);

/** A value as elements; members of lists, and keys that are no names of XML, become `item`. */
const elements = (value: Json): string => {
  if (typeof value !== 'object' || value === null) return scalar(value);
  return Object.entries(value)
    .map(([key, inner]) => {
      const name = isName(key) ? key : 'item';
      return `<${name}>${elements(inner as Json)}</${name}>`;
    })
    .join('');
};

/** The same answer in XML; one that is no JSON stays as it is. */
export const asXml = (response: EmulatorResponse): EmulatorResponse => {
  if (response.headers['Content-Type']?.startsWith('application/json') !== true) return response;
  const body = JSON.parse(Buffer.from(response.body).toString('utf8')) as Json;
  return {
    ...response,
    headers: { ...response.headers, 'Content-Type': 'text/xml; charset=utf-8' },
    body: Buffer.from(`<?xml version="1.0" ?>\n<response>${elements(body)}</response>`, 'utf8'),
  };
};
