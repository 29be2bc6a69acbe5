export class Words1700000000000 {
  name = 'Words1700000000000';
  async up(runner) {
    await runner.query('create table words (id bigserial primary key, word text not null)');
  }
  async down(runner) {
    await runner.query('drop table words');
  }
}
