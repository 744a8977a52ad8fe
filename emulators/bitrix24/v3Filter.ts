/** Filters and pages of REST 3.0 (section 17): conditions as lists, groups with their own logic. */
import { type Json } from '../common/types.ts';
import { asInt, asRecord, asText, isList, isRecord } from './values.ts';
import { notRequestable, refuseV3, unknownField, wrongType } from './v3View.ts';

type Value = number | string | null;

/** A row as the filter sees it. */
export interface FilterRow {
  readonly [field: string]: Value;
}

export type RowTest = (row: FilterRow) => boolean;

/** What may be filtered: the type of each field, and the name and fields of the object for the errors. */
export interface Filterable {
  readonly entity: string;
  readonly types: Readonly<Record<string, 'int' | 'string'>>;
  readonly known: readonly string[];
}

const unreadable = (filter: Json): never =>
  refuseV3(
    400,
    'INVALIDFILTEREXCEPTION',
    `Не удалось распознать выражение фильтра \`${JSON.stringify(filter)}\``,
  );

const compared = (operator: string, have: Value, values: readonly Value[]): boolean => {
  const [first = null, second = null] = values;
  switch (operator) {
    case '=':
    case 'in':
      return values.includes(have);
    case '!=':
      return !values.includes(have);
    case 'between':
      return have !== null && first !== null && second !== null && have >= first && have <= second;
    default:
      if (have === null || first === null) return false;
      return operator === '>'
        ? have > first
        : operator === '>='
          ? have >= first
          : operator === '<'
            ? have < first
            : have <= first;
  }
};

const operators = new Set(['=', '!=', '>', '>=', '<', '<=', 'in', 'between']);

const condition = (parts: readonly Json[], filterable: Filterable): RowTest => {
  const field = asText(parts[0]);
  const { entity, known, types } = filterable;
  if (!known.includes(field)) unknownField(field, entity);
  const type = types[field] ?? notRequestable(field, 'Filterable');
  const given = (parts.length === 2 ? parts[1] : parts[2]) ?? null;
  const operator = parts.length === 2 ? (isList(given) ? 'in' : '=') : asText(parts[1]).toLowerCase();
  if (!operators.has(operator)) {
    refuseV3(400, 'UNKNOWNFILTEROPERATOREXCEPTION', `Неизвестный оператор фильтра \`${operator}\``);
  }
  const values = (isList(given) ? given : [given]).map((value): Value => {
    if (value === null) return null;
    if (type === 'int') return typeof value === 'number' ? value : wrongType(field, 'int');
    return typeof value === 'string' ? value : wrongType(field, 'string');
  });
  return (row) => compared(operator, row[field] ?? null, values);
};

const all =
  (tests: readonly RowTest[]): RowTest =>
  (row) =>
    tests.every((test) => test(row));

/** Reads a filter; conditions beside each other are joined by AND. */
export const readFilterV3 = (filter: Json | undefined, filterable: Filterable): RowTest => {
  if (filter === undefined || filter === null) return () => true;
  if (isRecord(filter)) {
    const { conditions, logic } = filter;
    if (!isList(conditions)) return unreadable(filter);
    const tests = conditions.map((one) => readFilterV3([one], filterable));
    return asText(logic).toLowerCase() === 'or' ? (row) => tests.some((test) => test(row)) : all(tests);
  }
  if (!isList(filter)) return unreadable(filter);
  return all(
    filter.map((one) => {
      if (isRecord(one)) return readFilterV3(one, filterable);
      return isList(one) && one.length >= 2 ? condition(one, filterable) : unreadable(filter);
    }),
  );
};

const largest = 1000;
const usual = 50;

/** `pagination`: page and limit, or offset; at most a thousand rows. The official SDK asks for page 0, the first. */
export const pageOf = (pagination: Json | undefined): { readonly limit: number; readonly offset: number } => {
  const given = asRecord(pagination);
  const bad = (): never =>
    refuseV3(
      400,
      'INVALIDPAGINATIONEXCEPTION',
      `Не удалось распознать параметр пагинации \`${JSON.stringify(pagination)}\``,
    );
  const number = (name: string, least: number): number | undefined => {
    const value = given[name];
    if (value === undefined || value === null) return undefined;
    const number = asInt(value) ?? bad();
    return number >= least ? number : bad();
  };
  const limit = Math.min(largest, number('limit', 1) ?? usual);
  const page = Math.max(1, number('page', 0) ?? 1);
  return { limit, offset: number('offset', 0) ?? (page - 1) * limit };
};
