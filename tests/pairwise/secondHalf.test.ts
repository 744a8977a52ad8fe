import { playHalf } from './half.ts';

playHalf(1);
