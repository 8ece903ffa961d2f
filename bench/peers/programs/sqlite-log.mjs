// One row per transaction into SQLite in WAL mode with full sync. Runs under a Node that has `node:sqlite`.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { readFileSync } from 'node:fs';

const [file, lines, count] = process.argv.slice(2);
const rows = readFileSync(lines, 'utf8').trimEnd().split('\n');
const workers = Number(count);
const database = new DatabaseSync(file);
database.exec('pragma journal_mode = wal; pragma synchronous = full');
// One tree: the rows lie in the order of their key.
database.exec(
  'create table events (worker integer, sequence integer, json text, primary key (worker, sequence)) without rowid',
);
const insert = database.prepare('insert into events values (?, ?, ?)');
// Every Worker is there with a first event, as Workport's are.
database.exec('begin');
for (let worker = 0; worker < workers; worker += 1) insert.run(worker, 1, rows[0]);
database.exec('commit');
const began = process.hrtime.bigint();
for (const [index, json] of rows.entries()) insert.run(index % workers, 2 + Math.floor(index / workers), json);
const seconds = Number(process.hrtime.bigint() - began) / 1e9;
const kept = database
  .prepare('select worker, count(*) as count, max(sequence) as last from events group by worker order by worker')
  .all();
database.close();
assert.equal(kept.length, workers);
for (const { worker, ...told } of kept) {
  const written = 1 + Math.floor(rows.length / workers) + (worker < rows.length % workers ? 1 : 0);
  assert.deepEqual(told, { count: written, last: written }, `Worker ${worker}`);
}
console.log(rows.length / seconds);
