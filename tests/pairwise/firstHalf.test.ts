import { playHalf } from './half.ts';

playHalf(0);
