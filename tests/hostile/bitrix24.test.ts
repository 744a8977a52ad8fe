import { bitrixAccount } from './account.ts';
import { bitrixHostile } from './bitrix24.ts';
import { hostileSuite } from './suite.ts';

hostileSuite(
  'Bitrix24',
  [
    { account: bitrixAccount('new card', 'new'), hostile: bitrixHostile },
    // What the old card does otherwise.
    { account: bitrixAccount('old card', 'old'), hostile: bitrixHostile, methods: /comment|everything/ },
  ],
  { generators: 590, methods: 38, places: 52, trials: 4_900 },
);
