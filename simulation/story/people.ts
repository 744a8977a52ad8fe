/** The three companies of the story: who is who, who may know of whom, and which statuses mean the same. */
import { type Person, type StoryRecord } from '../judge/record.ts';
import { type Company } from './stage.ts';

export interface Player extends Person {
  readonly home: Company;
  /** In the account's own terms. */
  readonly as: number;
}

export const maria: Player = { name: 'Мария Лебедева', home: 'romashka', as: 12 };
export const anna: Player = { name: 'Анна Смирнова', home: 'teyron', as: 2 };
export const boris: Player = { name: 'Борис Ким', home: 'teyron', as: 3 };
export const dina: Player = { name: 'Дина Юсупова', home: 'pixel', as: 2 };

/** Stand-ins: how a company is named in the accounts of the others. */
export const standIns = {
  teyronAtRomashka: 77,
  romashkaAtTeyron: 'contact:20',
  pixelAtTeyron: 'contact:21',
  teyronAtPixel: 'contact:5',
} as const;

export const group = 7;

/** The contractor's own words and file, which the client must never read. */
export const contractorsWords = 'Беру. Вёрстку покажу сегодня к вечеру, вопросов по форме нет.';
export const contractorsFile = 'вёрстка-от-студии.txt';

export const accounts: StoryRecord['accounts'] = {
  romashka: {
    kind: 'bitrix24',
    organisation: 'Ромашка',
    hands: ['1', '77'],
    sees: { teyron: 'by name', pixel: { as: 'teyron' } },
    neverReads: ['Пиксель', 'Дина', 'Юсупов', 'pixel', contractorsWords, contractorsFile],
  },
  teyron: {
    kind: 'planfix',
    organisation: 'ТЕЙРОН',
    hands: ['user:1', 'contact:20', 'contact:21'],
    sees: { romashka: 'by name', pixel: 'by name' },
    neverReads: [],
  },
  pixel: {
    kind: 'planfix',
    organisation: 'Пиксель',
    hands: ['user:1', 'contact:5'],
    sees: { teyron: 'by name', romashka: { as: 'teyron' } },
    neverReads: ['Лебедев', 'Ромашка (', 'maria@romashka.example'],
  },
};

export const statuses: StoryRecord['statuses'] = {
  new: { romashka: ['2'], teyron: ['1'], pixel: ['1'] },
  'in work': { romashka: ['3'], teyron: ['2'], pixel: ['2'] },
  'under review': { romashka: ['4'], teyron: ['6'], pixel: ['6'] },
  accepted: { romashka: ['5'], teyron: ['3'], pixel: ['3'] },
};
