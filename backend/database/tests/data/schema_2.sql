-- A log as the program wrote it when its schema was 2: a pour, a refusal by a busy tap, a refusal of
-- 61 ml, a pour that was stopped, and the stop.
PRAGMA foreign_keys = OFF;
BEGIN TRANSACTION;
CREATE TABLE origin (
  seed_rows    INTEGER NOT NULL,
  seed_last_id INTEGER NOT NULL
);
INSERT INTO origin VALUES(0,0);
CREATE TABLE pours (
  number           INTEGER PRIMARY KEY,
  request_id       TEXT    NOT NULL UNIQUE,
  tap              TEXT    NOT NULL,
  user_token       TEXT    NOT NULL,
  amount_ml        INTEGER NOT NULL,
  state            TEXT    NOT NULL CHECK (state IN ('refused','sending','accepted','unclear',
                     'not_sent','rejected','done','partial','not_poured','unknown')),
  cause            TEXT    NOT NULL,
  detail           TEXT    NOT NULL,
  accepted         INTEGER NOT NULL CHECK (accepted IN (0, 1)),
  device_uptime_s  INTEGER NOT NULL,
  guard_boot_id    TEXT,
  guard_expires_ms INTEGER,
  pours_total      INTEGER NOT NULL,
  most_ul          INTEGER NOT NULL,
  delivered_ul     INTEGER,
  uncertainty_ul   INTEGER,
  min_ul           INTEGER,
  max_ul           INTEGER,
  basis            TEXT,
  stop_reason      TEXT,
  started_ms       INTEGER NOT NULL,
  updated_ms       INTEGER NOT NULL,
  CHECK (state = 'refused' OR amount_ml BETWEEN 1 AND 60)
);
INSERT INTO pours VALUES(1,'first','bar','ann',15,'done','device_reported','',1,1,'ede30c04b5b84f5a',7020,0,19500,14977,1570,13624,16811,'meter','target_reached',1795377451455,1795377453340);
INSERT INTO pours VALUES(2,'second','bar','ann',15,'refused','busy','',0,0,NULL,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,1795377452516,1795377452516);
INSERT INTO pours VALUES(3,'third','bar','bob',61,'refused','amount_out_of_range','',0,0,NULL,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,1795377455538,1795377455538);
INSERT INTO pours VALUES(4,'fourth','bar','bob',60,'partial','device_reported','',1,5,'ede30c04b5b84f5a',11123,1,69000,11178,1342,10053,12574,'meter','stop_requested',1795377455557,1795377457085);
CREATE TABLE events (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  timestamp      DATETIME DEFAULT CURRENT_TIMESTAMP,
  user_token     TEXT,
  amount_ml      INTEGER,
  status         TEXT,
  reason         TEXT,
  tap            TEXT,
  request_id     TEXT REFERENCES pours(request_id),
  outcome        TEXT,
  delivered_ul   INTEGER,
  uncertainty_ul INTEGER,
  min_ul         INTEGER,
  max_ul         INTEGER,
  basis          TEXT,
  timestamp_ms   INTEGER,
  hash           BLOB NOT NULL
);
INSERT INTO events VALUES(1,'2026-11-22 19:57:31','ann',15,'started',NULL,'bar','first','sending',NULL,NULL,NULL,NULL,NULL,1795377451455,X'5b8c3385126c73cfe03c84716f2a838cb42cfd13d98b3dfad4dcaab09d174df8');
INSERT INTO events VALUES(2,'2026-11-22 19:57:32','ann',15,'failed','The tap is pouring for someone else: wait until it is done.','bar','second','refused',NULL,NULL,NULL,NULL,NULL,1795377452516,X'de20c6d6f818166609eaa0c2ffb4000b2623a67218ac4c2378593f8a82563cbe');
INSERT INTO events VALUES(3,'2026-11-22 19:57:33','ann',15,'success',NULL,'bar','first','done',14977,1570,13624,16811,'meter',1795377453340,X'b8dd0723929c0479818e1e61a52f909488ddf0dc8052ac83e6aba1df8455fe03');
INSERT INTO events VALUES(4,'2026-11-22 19:57:35','bob',61,'failed','An amount of 61 ml is not possible: ask for 1 to 60 ml.','bar','third','refused',NULL,NULL,NULL,NULL,NULL,1795377455538,X'83c5fe5d4974856875937d3fbb376b75247d0a82f58082f3ca8d3b85733c7e68');
INSERT INTO events VALUES(5,'2026-11-22 19:57:35','bob',60,'started',NULL,'bar','fourth','sending',NULL,NULL,NULL,NULL,NULL,1795377455557,X'2c4a0b860ddb34a77c8578674b7aeb0ccc60472953fe030fcb234de4dc067aa7');
INSERT INTO events VALUES(6,'2026-11-22 19:57:37','bob',60,'failed','Partial: stopped after 11.2 of 60 ml.','bar','fourth','partial',11178,1342,10053,12574,'meter',1795377457085,X'c90f1d6098a9d2d0f5246d5006e354b7037d8fd3eb026388cc6477ab4144f301');
CREATE TABLE transitions (
  seq            INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id     TEXT    NOT NULL REFERENCES pours(request_id),
  event_id       INTEGER UNIQUE REFERENCES events(id),
  from_state     TEXT    NOT NULL,
  to_state       TEXT    NOT NULL,
  cause          TEXT    NOT NULL,
  detail         TEXT    NOT NULL,
  at_ms          INTEGER NOT NULL,
  delivered_ul   INTEGER,
  uncertainty_ul INTEGER,
  min_ul         INTEGER,
  max_ul         INTEGER,
  basis          TEXT,
  stop_reason    TEXT,
  hash           BLOB NOT NULL
);
INSERT INTO transitions VALUES(1,'first',1,'new','sending','checks_passed','',1795377451455,NULL,NULL,NULL,NULL,NULL,NULL,X'67e60730cddf3d9db2a71abca74a1cc77f49fdcdbbb50b5153c8477d3b102396');
INSERT INTO transitions VALUES(2,'first',NULL,'sending','accepted','device_accepted','',1795377451457,NULL,NULL,NULL,NULL,NULL,NULL,X'047c6e7dc3e65da1e9738ad9eecc2b736963f8fe7b292b2285f2ef98e734d4ed');
INSERT INTO transitions VALUES(3,'second',2,'new','refused','busy','',1795377452516,NULL,NULL,NULL,NULL,NULL,NULL,X'af79bfda3c9c594143a5858dbc3130d4909ebe8ba24aa0d9e2f36b48866562e3');
INSERT INTO transitions VALUES(4,'first',3,'accepted','done','device_reported','',1795377453340,14977,1570,13624,16811,'meter','target_reached',X'39c1beb0bde70396acb1572f88e950fd0f865121c2b6442dbb75c65eddc823c9');
INSERT INTO transitions VALUES(5,'third',4,'new','refused','amount_out_of_range','',1795377455538,NULL,NULL,NULL,NULL,NULL,NULL,X'2f68cc8fd8610672cf5b6cd6c2b8930a3a1428fefacd0b2e25614ce800868ed0');
INSERT INTO transitions VALUES(6,'fourth',5,'new','sending','checks_passed','',1795377455557,NULL,NULL,NULL,NULL,NULL,NULL,X'0ebe31ee2a8d865e9fb044aaf0b08c671aa7e4ca4e67b1c22004b147cdf208f1');
INSERT INTO transitions VALUES(7,'fourth',NULL,'sending','accepted','device_accepted','',1795377455563,NULL,NULL,NULL,NULL,NULL,NULL,X'940e42f2078c010d6b35d167de765f65e478e92258c30a2cd921640e5f0d4cc5');
INSERT INTO transitions VALUES(8,'fourth',6,'accepted','partial','device_reported','',1795377457085,11178,1342,10053,12574,'meter','stop_requested',X'52c332d7c8dd6d7bd991e076377a91c74bd53cdc068a2df3b260c656fc2b8bb9');
CREATE TABLE holds (
  id    INTEGER PRIMARY KEY AUTOINCREMENT,
  tap   TEXT    NOT NULL,
  held  INTEGER NOT NULL CHECK (held IN (0, 1)),
  at_ms INTEGER NOT NULL,
  hash  BLOB    NOT NULL
);
INSERT INTO holds VALUES(1,'bar',1,1795377456580,X'a23ed8a26c555d9c96da5470689263624006b2d01fad58bf91fbd8df22289612');
CREATE TABLE clock_turns (
  event_id INTEGER PRIMARY KEY REFERENCES events(id)
);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('events',6);
INSERT INTO sqlite_sequence VALUES('transitions',8);
INSERT INTO sqlite_sequence VALUES('holds',1);
CREATE UNIQUE INDEX pours_one_open_per_tap ON pours(tap)
  WHERE state IN ('sending', 'accepted', 'unclear');
CREATE INDEX pours_unknown ON pours(number) WHERE state = 'unknown';
CREATE INDEX pours_flowed ON pours(tap, number)
  WHERE state IN ('sending', 'accepted', 'unclear', 'done', 'partial', 'unknown');
CREATE INDEX transitions_of_pour ON transitions(request_id, seq);
CREATE INDEX holds_of_tap ON holds(tap, id);
CREATE INDEX events_by_user ON events(user_token, id, tap, status);
CREATE INDEX events_by_tap ON events(tap, id, status);
CREATE INDEX events_by_status ON events(status, id);
CREATE TRIGGER events_never_change BEFORE UPDATE ON events
  BEGIN SELECT RAISE(ABORT, 'events is append-only'); END;
CREATE TRIGGER events_never_go BEFORE DELETE ON events
  BEGIN SELECT RAISE(ABORT, 'events is append-only'); END;
CREATE TRIGGER transitions_never_change BEFORE UPDATE ON transitions
  BEGIN SELECT RAISE(ABORT, 'transitions is append-only'); END;
CREATE TRIGGER transitions_never_go BEFORE DELETE ON transitions
  BEGIN SELECT RAISE(ABORT, 'transitions is append-only'); END;
CREATE TRIGGER holds_never_change BEFORE UPDATE ON holds
  BEGIN SELECT RAISE(ABORT, 'holds is append-only'); END;
CREATE TRIGGER holds_never_go BEFORE DELETE ON holds
  BEGIN SELECT RAISE(ABORT, 'holds is append-only'); END;
CREATE TRIGGER origin_never_changes BEFORE UPDATE ON origin
  BEGIN SELECT RAISE(ABORT, 'origin is fixed'); END;
CREATE TRIGGER origin_never_goes BEFORE DELETE ON origin
  BEGIN SELECT RAISE(ABORT, 'origin is fixed'); END;
CREATE TRIGGER pours_never_go BEFORE DELETE ON pours
  BEGIN SELECT RAISE(ABORT, 'a pour is kept for ever'); END;
CREATE TRIGGER pours_keep_what_was_asked
  BEFORE UPDATE OF number, request_id, tap, user_token, amount_ml, started_ms ON pours
  BEGIN SELECT RAISE(ABORT, 'what was asked of a pour is fixed'); END;
CREATE TRIGGER events_note_clock_turns AFTER INSERT ON events
  WHEN NEW.timestamp_ms < (SELECT timestamp_ms FROM events
    WHERE id < NEW.id AND timestamp_ms IS NOT NULL ORDER BY id DESC LIMIT 1)
  BEGIN INSERT INTO clock_turns VALUES (NEW.id); END;
CREATE INDEX pours_totalled
  ON pours(tap, started_ms, state, basis, amount_ml, delivered_ul, min_ul, max_ul)
  WHERE state IN ('done', 'partial', 'unknown');
COMMIT;
PRAGMA application_id = 1349481842;
PRAGMA user_version = 2;
