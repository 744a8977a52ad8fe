/** Filters by values of custom fields, of tasks and of data tag entries (types 101 to 117). */
import { type Json } from '../common/types.ts';
import { isObject, listOf, refId, toInteger } from './answers.ts';
import { storedMoment } from './customFields.ts';
import { dateTest } from './dateFilters.ts';
import { isNegative, isTrue } from './filterForm.ts';
import { personId } from './persons.ts';
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
  const negative = isNegative(operator);
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
        return test.holds(moment === undefined ? undefined : momentIn(moment, look.actor.zone));
      };
    }
    case 105: {
      // A flag that is given a text lets everything through (section 5.2, seen live).
      if (!/^(true|false|1|0)$/i.test(String(value))) return () => true;
      const wanted = isTrue(value);
      return signed((stored) => (stored === true) === wanted);
    }
    case 104: {
      const wanted = String(isObject(value) ? value['time'] : value);
      return signed((stored) => stored === wanted);
    }
    case 106:
      return signed((stored) => stored === value);
    case 107:
    case 115:
    case 117: {
      const wanted = toInteger(refId(value));
      return signed((stored) => stored !== undefined && stored === wanted);
    }
    case 114:
    case 116:
    case 111: {
      const wanted = many(value);
      return signed((stored) => hasAll(listOf(stored).map(String), wanted));
    }
    case 108:
    case 110: {
      const person = personId(value, 'contact');
      return signed((stored) => stored !== undefined && stored === person);
    }
    case 109:
    case 112: {
      const person = personId(value);
      return signed((stored) => stored !== undefined && stored === person);
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

/** Every wanted entry is in the set; one number asks for the sets that hold it. */
function hasAll(own: readonly string[], wanted: readonly string[]): boolean {
  return wanted.length > 0 && wanted.every((item) => own.includes(item));
}
