/** What the filters of every list have in common: operators, flags, numbers (section 5.2). */
import { type Json } from '../common/types.ts';
import { listOf, toInteger, type JsonObject } from './answers.ts';

const OPERATORS = new Set(['equal', 'notequal', 'gt', 'lt', 'gtAndEqual', 'ltAndEqual', 'have', 'nothave']);

/** The operator of a filter. The document itself also writes `equals`, clients `eq`: what is none means `equal`. */
export function operatorOf(filter: JsonObject): string {
  const given = filter['operator'];
  return typeof given === 'string' && OPERATORS.has(given) ? given : 'equal';
}

/** Whether an operator asks for the rest. */
export function isNegative(operator: string): boolean {
  return operator === 'notequal' || operator === 'nothave';
}

/** True as JSON or as text writes it: `true`, `"true"`, `"True"`, 1, `"1"`. */
export function isTrue(value: Json | undefined): boolean {
  return value === true || /^(true|1)$/i.test(String(value));
}

/** The numbers of a value: one, a list, or a text with `;` or `,` between them. What is no number falls out. */
export function numbersOf(value: Json | undefined): number[] {
  const items = Array.isArray(value)
    ? listOf(value)
    : typeof value === 'string'
      ? value.split(/[;,]/)
      : [value];
  return items.flatMap((item) => toInteger(item) ?? []);
}
