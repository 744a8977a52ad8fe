/** What scenarios put into their requests (section 13 of the reference). */
import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { bench, bodyText, hook, world, type Row } from './testing.ts';

const [first, second] = world['tasks'] as readonly Row[];

/** The request that a template becomes when the task gets this name. */
function sent(request: Row, name = 'Обмен', settings = {}) {
  const scenario = hook('task.changed', {
    request: { method: 'POST', url: 'https://bridge.example/', headers: {}, ...request },
  });
  const tasks = [
    { ...first, customFieldData: [{ field: { id: 200 }, value: 'Д-7 "новый"' }] },
    { ...second },
  ] as Json;
  const { call, sent: out } = bench({ scenarios: [scenario], tasks }, settings);
  call('POST', '/task/1001', { name });
  return out[0]?.request;
}

function body(text: string, name?: string, settings = {}): string {
  return bodyText(sent({ body: text }, name, settings));
}

const COURSE = 'Промо "видео" (2020)';
const ENCODED = '%D0%9F%D1%80%D0%BE%D0%BC%D0%BE%20%22%D0%B2%D0%B8%D0%B4%D0%B5%D0%BE%22%20%282020%29';

describe('variables', () => {
  test('::encode=url encodes spaces and parentheses by percent signs', () => {
    expect(body('n={{Задача.Название::encode=url}}', COURSE)).toBe(`n=${ENCODED}`);
  });

  test('in an address every variable is encoded, once', () => {
    const url = (text: string) => sent({ url: `https://bridge.example/?n=${text}` }, COURSE)?.url;
    expect(url('{{Задача.Название}}')).toBe(`https://bridge.example/?n=${ENCODED}`);
    expect(url('{{Задача.Название::encode=url}}')).toBe(`https://bridge.example/?n=${ENCODED}`);
    expect(url('%%%{{Задача.Номер}}/{{Задача.Номер}}%%%')).toBe('https://bridge.example/?n=1001/1001');
  });

  test('several values are a list inside quotes, as a public bot receives them', () => {
    expect(body('{"who":"{{Задача.Исполнители}}"}')).toBe('{"who":"["Ольга Ветрова"]"}');
  });

  test('a custom field goes by its name, what is no variable is empty', () => {
    expect(body('{{Задача.Договор}}|{{Задача.Дата}}|{{Задача.Нет такого}}')).toBe('Д-7 "новый"||');
  });
});

describe('functions', () => {
  test('JSONARRAY makes valid JSON of one value, of several, and of a variable with several', () => {
    const parsed = JSON.parse(
      body(
        '{"name":%%%JSONARRAY({{Задача.Название}})%%%,"who":%%%JSONARRAY({{Задача.Участники}})%%%,"both":%%%JSONARRAY({{Задача.Номер}}, "два")%%%}',
        'Обмен "1С"\\новый',
      ),
    ) as Json;
    expect(parsed).toEqual({
      name: ['Обмен "1С"\\новый'],
      who: ['Тимур Саидов', 'Мария Ким', 'Клиент без почты'],
      both: ['1001', 'два'],
    });
  });

  test('BASE64ENCODE and ENCODEURL carry any text through JSON and forms', () => {
    const text = 'Обмен "1С" & (склад)';
    const base64 = body('{"name":"%%%BASE64ENCODE({{Задача.Название}})%%%"}', text);
    const { name } = JSON.parse(base64) as { name: string };
    expect(Buffer.from(name, 'base64').toString()).toBe(text);
    const form = new URLSearchParams(body('name=%%%ENCODEURL({{Задача.Название}})%%%&x=1', text));
    expect([form.get('name'), form.get('x')]).toEqual([text, '1']);
  });

  test('functions stand within each other and beside text', () => {
    expect(body('%%%№ENCODEURL(BASE64ENCODE("а б"))!%%%')).toBe('№0LAg0LE%3D!');
  });

  test('outside %%% a function is text, within it an unknown or unclosed one too', () => {
    expect(body('JSONARRAY({{Задача.Номер}})')).toBe('JSONARRAY(1001)');
    expect(body('%%%UNKNOWN({{Задача.Номер}})%%%')).toBe('UNKNOWN(1001)');
    expect(body('%%%JSONARRAY({{Задача.Номер}}%%%')).toBe('JSONARRAY(1001');
  });

  test('escaping bodies, where an account does it, leaves alone what functions made', () => {
    const settings = { 'webhook.escapeBodies': true };
    const text = '{"a":"{{Задача.Название}}","b":%%%JSONARRAY({{Задача.Название}})%%%}';
    expect(JSON.parse(body(text, '"', settings)) as Json).toEqual({ a: '"', b: ['"'] });
  });
});
