import { defineContract } from '@revenge/sdk';

export const contract = defineContract({ id: 'bad-import', title: 'Throws at import', sdk: '^1.0' });
