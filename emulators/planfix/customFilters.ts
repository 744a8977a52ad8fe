/** Filters by values of custom fields, of tasks and of data tag entries (types 101 to 117). */
import { type Json } from '../common/types.ts';
import { listOf, toInteger } from './answers.ts';
import { storedMoment } from './customFields.ts';
import { dateTest } from './dateFilters.ts';
import { personId } from './persons.ts';
import { zoneOf } from './routes.ts';
import { momentIn, type Look } from './taskView.ts';

/** Holds for a stored value, or for none. */
export type ValueTest = (stored: Json | undefined) => boolean;

/** The test of a filter of this type; undefined for a type that is none of custom fields. */
export function customTest(
  look: Look,
  type: number,
  operator: string,
  value: Json | undefined,
): ValueTest | undefined {
  const negative = operator === 'notequal' || operator === 'nothave';
  const signed =
    (test: ValueTest): ValueTest =>
    (stored) =>
      test(stored) !== negative;
  switch (type) {
    case 101: {
      const text = String(value ?? '').toLowerCase();
      const whole = operator === 'equal' || operator === 'notequal';
      return signed((stored) => {
        const own = stored === undefined ? '' : String(stored).toLowerCase();
        return whole ? own === text : own.includes(text);
      });
    }
    case 102: {
      const number = Number(value);
      if (operator === 'gt') return (stored) => typeof stored === 'number' && stored > number;
      if (operator === 'lt') return (stored) => typeof stored === 'number' && stored < number;
      return signed((stored) => stored === number);
    }
    case 103: {
      const { settings } = look.state;
      const test = dateTest(
        operator,
        value,
        look.actor.zone,
        look.now,
        settings['dates.gtOtherDateInclusive'],
      );
      return (stored) => {
        const moment = storedMoment(stored);
        return test.holds(moment === undefined ? undefined : momentIn(moment, zoneOf(look)));
      };
    }
    case 105: {
      const wanted = value === true || value === 1 || value === '1' || value === 'true';
      return signed((stored) => (stored === true) === wanted);
    }
    case 106:
      return signed((stored) => stored === value);
    case 107:
    case 115:
    case 117:
      return signed((stored) => stored === toInteger(value));
    case 114:
    case 116: {
      const wanted = many(value).map(Number);
      return signed((stored) => sameSet(listOf(stored), wanted));
    }
    case 111: {
      const wanted = many(value);
      return signed((stored) => sameSet(listOf(stored), wanted));
    }
    case 108:
    case 110: {
      const person = personId(value, 'contact');
      return signed((stored) => stored === person);
    }
    case 109:
    case 112: {
      const person = personId(value);
      return signed((stored) => stored === person);
    }
    case 113: {
      const person = personId(value) ?? '';
      return signed((stored) => listOf(stored).includes(person));
    }
    default:
      return undefined;
  }
}

function many(value: Json | undefined): string[] {
  const items = Array.isArray(value) ? listOf(value).map(String) : String(value ?? '').split(';');
  return items.map((item) => item.trim()).filter((item) => item !== '');
}

function sameSet(a: readonly Json[], b: readonly Json[]): boolean {
  return a.length === b.length && b.every((item) => a.includes(item));
}
