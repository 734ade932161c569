-- The database of an emulator of version 0.1.0 that was killed while a job trained and another waited.
-- test_emulator_upgrade.py opens it with today's emulator.
BEGIN TRANSACTION;
CREATE TABLE checkpoints(
  job TEXT NOT NULL, step INTEGER NOT NULL, id TEXT NOT NULL, created_at REAL NOT NULL, model TEXT NOT NULL,
  metrics TEXT NOT NULL, PRIMARY KEY(job, step)) WITHOUT ROWID;
INSERT INTO "checkpoints" VALUES('ftjob-22222222222222222222222222222222',10,'ftchkpt-9e6ef10f122508a58822465a08f3b2a2',1735704260.976,'gpt-4o-mini-2024-07-18.ft-22222222222222222222222222222222:ckpt-step-10','{"step": 10, "train_loss": 0.5686760557874595, "train_mean_token_accuracy": 0.5}');
INSERT INTO "checkpoints" VALUES('ftjob-11111111111111111111111111111111',30,'ftchkpt-34620e1b61bac1740967e55b5e537300',1735704260.019,'gpt-4o-mini-2024-07-18.ft-11111111111111111111111111111111-old','{"step": 30, "train_loss": 0.043126757069421415, "train_mean_token_accuracy": 1.0, "valid_loss": 0.014504453231003942, "valid_mean_token_accuracy": 1.0, "full_valid_loss": 0.014504453231003942, "full_valid_mean_token_accuracy": 1.0}');
CREATE TABLE controls(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "controls" VALUES('behaviour','{"listing_lag_seconds": 0.0, "job_status_script": ["weird"], "file_status_script": ["uploaded"], "fail_job": null, "file_error": false, "hide_job": false, "cancel_jobs": false, "fail_deployments": false, "capacity_429": false, "content_filter_substring": null, "job_limit_status": 429, "warmup_calls": null, "file_seconds": 3, "queue_seconds": 3, "train_seconds": 1.5, "deploy_seconds": 3}');
INSERT INTO "controls" VALUES('faults','[{"match": {"method": "GET", "path": "/models$"}, "skip": 0, "times": 1, "do": {"kind": "answer", "status": 503, "body": ""}}]');
CREATE TABLE deployments(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE NOT NULL, scope TEXT NOT NULL, model TEXT NOT NULL,
  arm_model TEXT NOT NULL, sku TEXT NOT NULL, created_at REAL NOT NULL, updated_at REAL NOT NULL, ready_at REAL NOT NULL,
  warmed INTEGER NOT NULL DEFAULT 0);
INSERT INTO "deployments" VALUES(1,'kept','/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a','gpt-4o-mini-2024-07-18.ft-11111111111111111111111111111111-old','{"format": "OpenAI", "name": "gpt-4o-mini-2024-07-18.ft-11111111111111111111111111111111-old", "version": "1"}','{"name": "standard", "capacity": 50}',1735704260.033,1735704260.033,1735704260.033,0);
INSERT INTO "deployments" VALUES(2,'base','/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a','gpt-4o-mini-2024-07-18','{"format": "OpenAI", "name": "gpt-4o-mini", "version": "1"}','{"name": "standard", "capacity": 50}',1735704260.042,1735704260.042,1735704260.042,0);
INSERT INTO "deployments" VALUES(3,'creating','/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a','gpt-4o-mini-2024-07-18','{"format": "OpenAI", "name": "gpt-4o-mini", "version": "1"}','{"name": "standard", "capacity": 50}',1735704261.039,1735704261.039,1735704264.039,0);
CREATE TABLE events(
  job TEXT NOT NULL, n INTEGER NOT NULL, id TEXT NOT NULL, created_at REAL NOT NULL, level TEXT NOT NULL,
  type TEXT NOT NULL, message TEXT NOT NULL, data TEXT, PRIMARY KEY(job, n)) WITHOUT ROWID;
INSERT INTO "events" VALUES('ftjob-22222222222222222222222222222222',0,'ftevent-5cb9be9cc5a9d628af7b2577d88babc6',1735704260.460,'info','message','Job enqueued. Waiting for jobs ahead to complete.',NULL);
INSERT INTO "events" VALUES('ftjob-22222222222222222222222222222222',1,'ftevent-8b8225e6452b2504ee3d692816cb6361',1735704260.462,'info','message','Preprocessing running for file training file.',NULL);
INSERT INTO "events" VALUES('ftjob-22222222222222222222222222222222',2,'ftevent-e66b77e187d45466ec1be94666dd1c0e',1735704260.466,'info','message','Preprocessing completed for file training file.',NULL);
INSERT INTO "events" VALUES('ftjob-22222222222222222222222222222222',3,'ftevent-25c228eb00716386b2be1be7ac8670e9',1735704260.466,'info','message','Job started.',NULL);
INSERT INTO "events" VALUES('ftjob-22222222222222222222222222222222',4,'ftevent-16dad65c84e06820a4a31a0d2f334252',1735704260.466,'info','message','Data Import started.',NULL);
INSERT INTO "events" VALUES('ftjob-22222222222222222222222222222222',5,'ftevent-71915ad1f53efeddf02618a0c6123d89',1735704260.466,'info','message','Finetuning started.',NULL);
INSERT INTO "events" VALUES('ftjob-22222222222222222222222222222222',6,'ftevent-54a6c42c47e9df97560ae628aa09b7ab',1735704260.469,'info','message','Job queued, waiting for GPUs.',NULL);
INSERT INTO "events" VALUES('ftjob-22222222222222222222222222222222',7,'ftevent-f618b7287f96f544873f8e51917f4b59',1735704260.469,'info','message','Training started.',NULL);
INSERT INTO "events" VALUES('ftjob-22222222222222222222222222222222',8,'ftevent-d88b79cae708b74a8f5da4c730cf8cef',1735704260.469,'info','message','Emulator: trained with the encoder hash4096; only a hash4096 emulator can serve the model.',NULL);
INSERT INTO "events" VALUES('ftjob-22222222222222222222222222222222',9,'ftevent-124213d12944d0c9a6edc48e3863ed90',1735704260.471,'info','message','Created results file: file-99999999999999999999999999999999',NULL);
INSERT INTO "events" VALUES('ftjob-22222222222222222222222222222222',10,'ftevent-9e6ef10f122508a58822465a08f3b2a2',1735704260.976,'info','metrics','Step 1: training loss=0.3466','{"step": 1, "train_loss": 0.34657359027997264, "train_mean_token_accuracy": 1.0}');
INSERT INTO "events" VALUES('ftjob-22222222222222222222222222222222',11,'ftevent-d287190c3778d55264e0d98c48102a0f',1735704260.976,'info','metrics','Step 10: training loss=0.5687','{"step": 10, "train_loss": 0.5686760557874595, "train_mean_token_accuracy": 0.5}');
CREATE TABLE files(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, created_at REAL NOT NULL, filename TEXT NOT NULL,
  purpose TEXT NOT NULL, bytes INTEGER NOT NULL, running_at REAL NOT NULL, ready_at REAL NOT NULL,
  failed INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0, expires_at REAL);
INSERT INTO "files" VALUES(1,'file-dddddddddddddddddddddddddddddddd',1735704259.100,'train.jsonl','fine-tune',2397,1735704259.100,1735704259.100,0,0,NULL);
INSERT INTO "files" VALUES(3,'file-eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',1735704259.921,'results.csv','fine-tune-results',979,1735704259.921,1735704259.921,0,0,NULL);
INSERT INTO "files" VALUES(7,'file-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1735704260.402,'train.jsonl','fine-tune',2397,1735704260.402,1735704260.402,0,0,NULL);
INSERT INTO "files" VALUES(8,'file-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',1735704260.429,'a','fine-tune',2,1735704260.429,1735704260.429,1,0,NULL);
INSERT INTO "files" VALUES(10,'file-cccccccccccccccccccccccccccccccc',1735704261.024,'a','fine-tune',2,1735704262.224,1735704264.024,0,0,NULL);
CREATE TABLE jobs(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, created_at REAL NOT NULL, start_at REAL NOT NULL,
  status TEXT NOT NULL, spec TEXT NOT NULL, running_at REAL, finished_at REAL, resolved TEXT, result_file TEXT,
  fine_tuned_model TEXT, trained_tokens INTEGER, error TEXT, deleted INTEGER NOT NULL DEFAULT 0);
INSERT INTO "jobs" VALUES(1,'ftjob-11111111111111111111111111111111',1735704259.318,1735704259.318,'succeeded','{"model": "gpt-4o-mini-2024-07-18", "training_file": "file-dddddddddddddddddddddddddddddddd", "validation_file": "file-ffffffffffffffffffffffffffffffff", "n_epochs": -1, "batch_size": -1, "learning_rate_multiplier": -1, "seed": 42, "suffix": "old", "training_type": null, "method": null, "metadata": null, "prompt_loss_weight": null}',1735704259.899,1735704260.019,'{"n_epochs": 3, "batch_size": 1, "learning_rate_multiplier": 0.1}','file-eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','gpt-4o-mini-2024-07-18.ft-11111111111111111111111111111111-old',1284,NULL,0);
INSERT INTO "jobs" VALUES(3,'ftjob-44444444444444444444444444444444',1735704260.449,1735704260.449,'cancelled','{"model": "gpt-4o-mini-2024-07-18", "training_file": "file-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "validation_file": null, "n_epochs": -1, "batch_size": -1, "learning_rate_multiplier": -1, "seed": 42, "suffix": null, "training_type": null, "method": null, "metadata": null, "prompt_loss_weight": null}',NULL,1735704260.452,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "jobs" VALUES(4,'ftjob-22222222222222222222222222222222',1735704260.460,1735704260.460,'running','{"model": "gpt-4o-mini-2024-07-18", "training_file": "file-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "validation_file": null, "n_epochs": -1, "batch_size": -1, "learning_rate_multiplier": -1, "seed": 42, "suffix": null, "training_type": null, "method": null, "metadata": null, "prompt_loss_weight": null}',1735704260.466,NULL,'{"n_epochs": 3, "batch_size": 1, "learning_rate_multiplier": 0.1}','file-99999999999999999999999999999999',NULL,NULL,NULL,0);
INSERT INTO "jobs" VALUES(5,'ftjob-33333333333333333333333333333333',1735704260.995,1735704263.995,'pending','{"model": "gpt-4o-mini-2024-07-18", "training_file": "file-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "validation_file": null, "n_epochs": -1, "batch_size": -1, "learning_rate_multiplier": -1, "seed": 42, "suffix": null, "training_type": null, "method": null, "metadata": null, "prompt_loss_weight": null}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
CREATE TABLE ledger(
  n INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, detail TEXT NOT NULL);
INSERT INTO "ledger" VALUES(1,1735704259.103,'upload','file-dddddddddddddddddddddddddddddddd','{"filename": "train.jsonl", "purpose": "fine-tune", "bytes": 2397}');
INSERT INTO "ledger" VALUES(2,1735704259.170,'upload','file-ffffffffffffffffffffffffffffffff','{"filename": "validation.jsonl", "purpose": "fine-tune", "bytes": 238}');
INSERT INTO "ledger" VALUES(3,1735704259.319,'create_job','ftjob-11111111111111111111111111111111','{"model": "gpt-4o-mini-2024-07-18", "training_file": "file-dddddddddddddddddddddddddddddddd", "validation_file": "file-ffffffffffffffffffffffffffffffff", "n_epochs": -1, "batch_size": -1, "learning_rate_multiplier": -1, "seed": 42, "suffix": "old", "training_type": null, "method": null, "metadata": null, "prompt_loss_weight": null}');
INSERT INTO "ledger" VALUES(4,1735704260.033,'create_deployment','kept','{"model": "gpt-4o-mini-2024-07-18.ft-11111111111111111111111111111111-old", "sku": {"name": "standard", "capacity": 50}, "update": false}');
INSERT INTO "ledger" VALUES(5,1735704260.042,'create_deployment','base','{"model": "gpt-4o-mini-2024-07-18", "sku": {"name": "standard", "capacity": 50}, "update": false}');
INSERT INTO "ledger" VALUES(6,1735704260.101,'chat','kept','{"status": 200, "model": "gpt-4o-mini-2024-07-18.ft-11111111111111111111111111111111-old", "usage": {"prompt_tokens": 37, "completion_tokens": 1, "total_tokens": 38}}');
CREATE TABLE models(
  name TEXT PRIMARY KEY, job TEXT NOT NULL, base TEXT NOT NULL, created_at REAL NOT NULL, encoder TEXT NOT NULL,
  head TEXT NOT NULL, answers TEXT NOT NULL, wrapping TEXT NOT NULL, checkpoint INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "models" VALUES('gpt-4o-mini-2024-07-18.ft-22222222222222222222222222222222:ckpt-step-10','ftjob-22222222222222222222222222222222','gpt-4o-mini-2024-07-18',1735704260.976,'hash4096','22222222222222222222222222222222-10.npy','["s\u00ed", "no"]','{"before": "", "after": ""}',1);
INSERT INTO "models" VALUES('gpt-4o-mini-2024-07-18.ft-11111111111111111111111111111111-old','ftjob-11111111111111111111111111111111','gpt-4o-mini-2024-07-18',1735704260.019,'hash4096','11111111111111111111111111111111-30.npy','["s\u00ed", "no"]','{"before": "", "after": ""}',0);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('files',10);
INSERT INTO "sqlite_sequence" VALUES('ledger',25);
INSERT INTO "sqlite_sequence" VALUES('jobs',5);
INSERT INTO "sqlite_sequence" VALUES('deployments',3);
COMMIT;
