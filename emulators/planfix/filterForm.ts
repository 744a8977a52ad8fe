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

/**
 * The test of a number: any of the wanted ones for `equal`, none of them for `notequal`, beyond the only one for
 * `gt`, `lt` and their `…AndEqual`. A value that holds no number equals nothing.
 */
export function numberTest(filter: JsonObject): (own: number | undefined) => boolean {
  const operator = operatorOf(filter);
  const wanted = numbersOf(filter['value']);
  const [bound] = wanted;
  const beyond = (test: (own: number, bound: number) => boolean) => (own: number | undefined) =>
    own !== undefined && bound !== undefined && test(own, bound);
  switch (operator) {
    case 'gt':
      return beyond((own, than) => own > than);
    case 'lt':
      return beyond((own, than) => own < than);
    case 'gtAndEqual':
      return beyond((own, than) => own >= than);
    case 'ltAndEqual':
      return beyond((own, than) => own <= than);
    default:
      return (own) => (own !== undefined && wanted.includes(own)) !== isNegative(operator);
  }
}
