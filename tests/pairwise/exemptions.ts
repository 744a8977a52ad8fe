/**
 * Which findings a value of a setting excuses, and nothing else: docs/limits.md tells under the setting's name what people
 * see then. An exemption that no row needs is an error, so that none outlives its reason.
 */
import { type SettingValue } from '../../emulators/common/types.ts';
import { type Chosen, type Crm } from './settings.ts';

export interface Exemption {
  readonly crm: Crm;
  readonly name: string;
  readonly value: SettingValue;
  readonly excuses: RegExp;
}

const words = 'Мы посмотрели форму';

export const exemptions: readonly Exemption[] = [
  {
    crm: 'bitrix24',
    name: 'limits.titleMax',
    value: 40,
    excuses: /^romashka: sees the title «Форма заявки на сайте, главная страница »$/u,
  },
  {
    crm: 'bitrix24',
    name: 'limits.descriptionMax',
    value: 1000,
    // The beginning, or, where the portal was probed, what stood there before: an original is not cut.
    excuses: /^romashka: .*: the text is «(Пункт 1|Нужны две формы)/u,
  },
  {
    crm: 'bitrix24',
    name: 'limits.chatMessageMax',
    value: 200,
    excuses: new RegExp(`^romashka: .*: the comment «${words}`, 'u'),
  },
  {
    crm: 'bitrix24',
    name: 'limits.chatFileMax',
    value: 1000,
    // The note in the place of the file makes its words others than those that were written.
    excuses: new RegExp(`^romashka: .*: the comment «${words}.* (is missing|does not belong here)$`, 'u'),
  },
  {
    crm: 'planfix',
    name: 'comments.editForeignText',
    value: 'owner only',
    excuses: /^(teyron|pixel): .*: the comments stand in another order than they were written$/u,
  },
  {
    crm: 'planfix',
    name: 'timepoint.dateTimeIn',
    value: 'UTC',
    excuses: /^(romashka|pixel|teyron): .*: the deadline is /u,
  },
];

/** The exemptions that apply under the chosen values. */
export const exemptionsUnder = (chosen: Chosen): readonly Exemption[] =>
  exemptions.filter(({ crm, name, value }) => chosen[crm][name] === value);
