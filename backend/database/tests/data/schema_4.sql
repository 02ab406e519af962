-- A log of schema 4, as older_logs_test.cpp had it written.
PRAGMA foreign_keys = OFF;
BEGIN TRANSACTION;
CREATE TABLE origin (
  seed_rows    INTEGER NOT NULL,
  seed_last_id INTEGER NOT NULL
);
INSERT INTO origin VALUES(0,0);
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
, purpose TEXT, action TEXT);
INSERT INTO events VALUES(1,'2026-05-28 20:26:40','ann',30,'started',NULL,'bar','first','sending',NULL,NULL,NULL,NULL,NULL,1780000000001,X'4CFC31051F6B54C020E0BC56CC662865A38A10ABBCA02F2B31200679DF9C88A9',NULL,NULL);
INSERT INTO events VALUES(2,'2026-05-28 20:26:40','ann',30,'success',NULL,'bar','first','done',29800,400,29400,30200,'meter',1780000000003,X'9163BD92613A49F3A5695E6FCFE4AEC1AFA7B5171075A1F0BC6DB9A4A852B96A',NULL,NULL);
INSERT INTO events VALUES(3,'2026-05-28 20:26:40','ann',30,'failed','The tap is pouring for someone else: wait until it is done.','bar','second','refused',NULL,NULL,NULL,NULL,NULL,1780000000004,X'0EC700DD8AF3E422B2AEC9893219A72EB2C11A33D056D2CFE3A19732961576CE',NULL,NULL);
INSERT INTO events VALUES(4,'2026-05-28 20:26:40','bob',30,'started',NULL,'terrace','third','sending',NULL,NULL,NULL,NULL,NULL,1780000000005,X'BFEEC65D37FEC0C39DFDC3EDA3CA750B3F6ED9A201852E5F212506BDA4C1FF7F',NULL,NULL);
INSERT INTO events VALUES(5,'2026-05-28 20:25:40','bob',30,'started',NULL,'kitchen','fourth','sending',NULL,NULL,NULL,NULL,NULL,1779999940008,X'CCE6080F2224EE294D08A81FC8F34C3F2DFD86CBE6FA37CD33C0228867208D4A',NULL,NULL);
INSERT INTO events VALUES(6,'2026-05-28 20:25:40','bob',30,'success',NULL,'kitchen','fourth','done',29800,400,29400,30200,'meter',1779999940010,X'D9246B0EBF3984933A3250905B0E42D50D1C596075BC944D93EED9E70700AE9B',NULL,NULL);
INSERT INTO events VALUES(7,'2026-05-28 20:25:40','host',120,'started',NULL,'cellar','cup','sending',NULL,NULL,NULL,NULL,NULL,1779999940011,X'CDB7C47C0A0BF0BA9D31DF466837D4418F683E603A0EE547B29F5094F8CDF791','calibrate',NULL);
INSERT INTO events VALUES(8,'2026-05-28 20:25:40','host',120,'success',NULL,'cellar','cup','done',29800,400,29400,30200,'meter',1779999940013,X'3FBF6ABE5BCAFBB6856EC2997BB74975BFC62E7F3DB90ABDE099AD115E050A13','calibrate',NULL);
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
INSERT INTO transitions VALUES(1,'first',1,'new','sending','checks_passed','',1780000000001,NULL,NULL,NULL,NULL,NULL,NULL,X'51846112756D6BB4EC34ED7B3C938293BBD6AAC5B4B4C7B93AC3B5F4FA4B9318');
INSERT INTO transitions VALUES(2,'first',NULL,'sending','accepted','device_accepted','',1780000000002,NULL,NULL,NULL,NULL,NULL,NULL,X'CF731AEAEDF58934881B0C62F59338114B24214C98FB7F99538A6B3FE36E0711');
INSERT INTO transitions VALUES(3,'first',2,'accepted','done','device_reported','',1780000000003,29800,400,29400,30200,'meter','target_reached',X'1EE6ECB1D86DB4A8AB63C6C0DE6D9CA510C8AAA54220B323194A53E55A7F6D3C');
INSERT INTO transitions VALUES(4,'second',3,'new','refused','busy','',1780000000004,NULL,NULL,NULL,NULL,NULL,NULL,X'10D77313475F0521E89AF082456BBD802D45A5973EB6295AFDF1D82988051BFF');
INSERT INTO transitions VALUES(5,'third',4,'new','sending','checks_passed','',1780000000005,NULL,NULL,NULL,NULL,NULL,NULL,X'11DD245F2D04D5A1E72E79D873B30637BCD6A1E1DBC035D6E653E000E45C9BC3');
INSERT INTO transitions VALUES(6,'third',NULL,'sending','unclear','answer_timed_out','',1780000000006,NULL,NULL,NULL,NULL,NULL,NULL,X'5494002317E4974F41C53A8ED5D5B33873472BD74BE061306D6635426B0251F5');
INSERT INTO transitions VALUES(7,'fourth',5,'new','sending','checks_passed','',1779999940008,NULL,NULL,NULL,NULL,NULL,NULL,X'9BB8A6C582FA2BC570F07895824E1A80B535C27954FC7A29F0844628CFDAC763');
INSERT INTO transitions VALUES(8,'fourth',NULL,'sending','accepted','device_accepted','',1779999940009,NULL,NULL,NULL,NULL,NULL,NULL,X'BE3A9253C18B37AB1FCCBB2FCDECD159FFBCA4126198A5F5261FB5B6FE83CEA5');
INSERT INTO transitions VALUES(9,'fourth',6,'accepted','done','device_reported','',1779999940010,29800,400,29400,30200,'meter','target_reached',X'CE33BD6C22A58E460D4AC85A291C81D2B7EEB3F96A53115CCB1C1037D9FA546D');
INSERT INTO transitions VALUES(10,'cup',7,'new','sending','checks_passed','',1779999940011,NULL,NULL,NULL,NULL,NULL,NULL,X'37A7DAB1043229109ADDE2544EC145A4F49F0AEBB527FFAE5BFA28C43DD90356');
INSERT INTO transitions VALUES(11,'cup',NULL,'sending','accepted','device_accepted','',1779999940012,NULL,NULL,NULL,NULL,NULL,NULL,X'61BD161A3026F511A253E8BD4B1CC4AAA262A3319BA6C4F62C83F97D1F11A6FD');
INSERT INTO transitions VALUES(12,'cup',8,'accepted','done','device_reported','',1779999940013,29800,400,29400,30200,'meter','target_reached',X'14ED36ED2C0D92264CB86CAC7060F9FC2AF2CC7CFFD55E478FA38686E212720D');
CREATE TABLE holds (
  id    INTEGER PRIMARY KEY AUTOINCREMENT,
  tap   TEXT    NOT NULL,
  held  INTEGER NOT NULL CHECK (held IN (0, 1)),
  at_ms INTEGER NOT NULL,
  hash  BLOB    NOT NULL
);
INSERT INTO holds VALUES(1,'bar',1,1780000000007,X'917309BB7ED9A6B8216813033AD677259FB33BBFC5C92E3566B0BEDD320E832C');
CREATE TABLE clock_turns (
  event_id INTEGER PRIMARY KEY REFERENCES events(id)
);
INSERT INTO clock_turns VALUES(5);
CREATE TABLE "pours" (
  number           INTEGER PRIMARY KEY,
  request_id       TEXT    NOT NULL UNIQUE,
  tap              TEXT    NOT NULL,
  user_token       TEXT    NOT NULL,
  amount_ml        INTEGER NOT NULL,
  purpose          TEXT    CHECK (purpose IN ('calibrate', 'prime', 'clean', 'empty_line')),
  run_ms           INTEGER NOT NULL,
  portions         INTEGER NOT NULL,
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
  updated_ms       INTEGER NOT NULL, machine_id TEXT,
  CHECK (state = 'refused' OR
    CASE WHEN purpose IS NULL THEN amount_ml BETWEEN 1 AND 60 AND run_ms = 0 AND portions = 1
         WHEN run_ms = 0 THEN amount_ml BETWEEN 1 AND 200 AND portions BETWEEN 1 AND 8
         ELSE run_ms BETWEEN 500 AND 60000 AND amount_ml = 0 AND portions = 1 END)
);
INSERT INTO pours VALUES(1,'first','bar','ann',30,NULL,0,1,'done','device_reported','',1,0,NULL,NULL,0,36000,29800,400,29400,30200,'meter','target_reached',1780000000001,1780000000003,NULL);
INSERT INTO pours VALUES(2,'second','bar','ann',30,NULL,0,1,'refused','busy','',0,0,NULL,NULL,0,36000,NULL,NULL,NULL,NULL,NULL,NULL,1780000000004,1780000000004,NULL);
INSERT INTO pours VALUES(3,'third','terrace','bob',30,NULL,0,1,'unclear','answer_timed_out','',0,0,NULL,NULL,0,36000,NULL,NULL,NULL,NULL,NULL,NULL,1780000000005,1780000000006,NULL);
INSERT INTO pours VALUES(4,'fourth','kitchen','bob',30,NULL,0,1,'done','device_reported','',1,0,NULL,NULL,0,36000,29800,400,29400,30200,'meter','target_reached',1779999940008,1779999940010,NULL);
INSERT INTO pours VALUES(5,'cup','cellar','host',120,'calibrate',0,8,'done','device_reported','',1,0,NULL,NULL,0,36000,29800,400,29400,30200,'meter','target_reached',1779999940011,1779999940013,NULL);
CREATE TABLE machines (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  tap        TEXT    NOT NULL,
  machine_id TEXT,
  at_ms      INTEGER NOT NULL,
  hash       BLOB    NOT NULL
);
INSERT INTO machines VALUES(1,'bar','0000000000000007',0,X'2FF6D14B12E8F5AD7068DA7CC57EECA1228D5292CCB127614CADCA6D88A65F3D');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('events',8);
INSERT INTO sqlite_sequence VALUES('holds',1);
INSERT INTO sqlite_sequence VALUES('machines',1);
INSERT INTO sqlite_sequence VALUES('transitions',12);
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
CREATE TRIGGER events_note_clock_turns AFTER INSERT ON events
  WHEN NEW.timestamp_ms < (SELECT timestamp_ms FROM events
    WHERE id < NEW.id AND timestamp_ms IS NOT NULL ORDER BY id DESC LIMIT 1)
  BEGIN INSERT INTO clock_turns VALUES (NEW.id); END;
CREATE INDEX events_accepted ON events(tap, id)
  WHERE action = 'accept' AND status = 'success';
CREATE UNIQUE INDEX pours_one_open_per_tap ON pours(tap)
  WHERE state IN ('sending', 'accepted', 'unclear');
CREATE INDEX pours_unknown ON pours(number) WHERE state = 'unknown';
CREATE INDEX pours_flowed ON pours(tap, number)
  WHERE state IN ('sending', 'accepted', 'unclear', 'done', 'partial', 'unknown');
CREATE INDEX pours_totalled
  ON pours(tap, started_ms, state, basis, amount_ml, delivered_ul, min_ul, max_ul)
  WHERE state IN ('done', 'partial', 'unknown') AND purpose IS NULL;
CREATE TRIGGER pours_never_go BEFORE DELETE ON pours
  BEGIN SELECT RAISE(ABORT, 'a pour is kept for ever'); END;
CREATE TRIGGER pours_keep_what_was_asked
  BEFORE UPDATE OF number, request_id, tap, user_token, amount_ml, purpose, run_ms, portions,
    started_ms ON pours
  BEGIN SELECT RAISE(ABORT, 'what was asked of a pour is fixed'); END;
CREATE INDEX machines_of_tap ON machines(tap, id);
CREATE TRIGGER machines_never_change BEFORE UPDATE ON machines
  BEGIN SELECT RAISE(ABORT, 'machines is append-only'); END;
CREATE TRIGGER machines_never_go BEFORE DELETE ON machines
  BEGIN SELECT RAISE(ABORT, 'machines is append-only'); END;
COMMIT;
PRAGMA application_id = 1349481842;
PRAGMA user_version = 4;
