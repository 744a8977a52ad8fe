// Lets `node --import ./tests/typescript.mjs file.ts` run our sources as they are, for the processes that tests start.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
