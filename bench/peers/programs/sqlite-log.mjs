// One row per transaction into SQLite in WAL mode with full sync. Runs under a Node that has `node:sqlite`.
import { DatabaseSync } from 'node:sqlite';
import { readFileSync } from 'node:fs';

const [file, lines, workers] = process.argv.slice(2);
const rows = readFileSync(lines, 'utf8').trimEnd().split('\n');
const database = new DatabaseSync(file);
database.exec('pragma journal_mode = wal; pragma synchronous = full');
database.exec('create table events (worker integer, sequence integer, json text, primary key (worker, sequence))');
const insert = database.prepare('insert into events values (?, ?, ?)');
const began = process.hrtime.bigint();
for (const [index, json] of rows.entries())
  insert.run(index % Number(workers), Math.floor(index / Number(workers)), json);
const seconds = Number(process.hrtime.bigint() - began) / 1e9;
const { count } = database.prepare('select count(*) as count from events').get();
database.close();
if (count !== rows.length) throw new Error(`${count} of ${rows.length} rows`);
console.log(rows.length / seconds);
