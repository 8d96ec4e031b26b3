BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE calls (
	call_id VARCHAR NOT NULL, 
	client VARCHAR NOT NULL, 
	caller_number VARCHAR, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	ended_by VARCHAR, 
	outcome VARCHAR NOT NULL, 
	error VARCHAR, 
	record JSON NOT NULL, 
	CONSTRAINT pk_calls PRIMARY KEY (call_id), 
	CONSTRAINT fk_calls_client FOREIGN KEY(client) REFERENCES clients (slug)
);
INSERT INTO "calls" VALUES('c-1','acme','0639981234','2026-11-23 07:58:12.250000','2026-11-23 07:59:13.750000','caller','answered',NULL,'{"call_id": "c-1", "client": "acme", "started_at": "2026-11-23T07:58:12.250000Z", "caller_number": "0639981234", "transport": "browser", "ended_at": "2026-11-23T07:59:13.750000Z", "ended_by": "caller", "outcome": "answered", "turns": [{"heard": "", "said": "Bonjour, je vous écoute.", "decision": "social", "confidence": null, "evidence": [], "timings_ms": {"end_of_turn": null, "transcription": null, "retrieval": null, "first_audio": null, "voice_to_voice": null}, "interrupted": false}, {"heard": "ça affiche « E24 »", "said": "Nettoyez le filtre.", "decision": "answer", "confidence": 0.93, "evidence": [{"manual": "sn23.pdf", "page": 41, "passage_id": "p-7", "text": "E24 : l''évacuation est bouchée. Nettoyez le filtre."}], "timings_ms": {"end_of_turn": 312.5, "transcription": 290.0, "retrieval": 3.0, "first_audio": 5.25, "voice_to_voice": 840.25}, "interrupted": true}], "handoff": null, "error": null, "anomalies": {"garbage frame": 3}}');
INSERT INTO "calls" VALUES('c-2','acme','0639981234','2026-11-23 08:07:12.250000','2026-11-23 08:09:12.250000','agent','handoff',NULL,'{"call_id": "c-2", "client": "acme", "started_at": "2026-11-23T08:07:12.250000Z", "caller_number": "0639981234", "transport": "media", "ended_at": "2026-11-23T08:09:12.250000Z", "ended_by": "agent", "outcome": "handoff", "turns": [{"heard": "je veux quelqu''un", "said": "J''ai noté votre demande.", "decision": "handoff", "confidence": null, "evidence": [], "timings_ms": {"end_of_turn": null, "transcription": null, "retrieval": null, "first_audio": null, "voice_to_voice": null}, "interrupted": false}], "handoff": {"ticket_id": "T-394NXQ", "urgency": "urgent", "brief": {"line": "Lave-vaisselle SN23, code E24 après deux essais.", "caller_number": "0639981234", "product": "lave-vaisselle SN23", "question": "ça affiche E24", "reason": "la réponse n''est pas dans les notices", "tried": ["nettoyer le filtre", "redresser le tuyau"], "pages": ["sn23.pdf, page 41"]}}, "error": null, "anomalies": {}}');
INSERT INTO "calls" VALUES('c-3','bora',NULL,'2026-11-23 08:28:12.250000','2026-11-23 08:28:16.250000','error','abandoned','ligne coupée','{"call_id": "c-3", "client": "bora", "started_at": "2026-11-23T08:28:12.250000Z", "caller_number": null, "transport": "media", "ended_at": "2026-11-23T08:28:16.250000Z", "ended_by": "error", "outcome": "abandoned", "turns": [{"heard": "", "said": "Bonjour.", "decision": "social", "confidence": null, "evidence": [], "timings_ms": {"end_of_turn": null, "transcription": null, "retrieval": null, "first_audio": null, "voice_to_voice": null}, "interrupted": false}], "handoff": null, "error": "ligne coupée", "anomalies": {}}');
INSERT INTO "calls" VALUES('c-4','bora',NULL,'2026-11-23 08:29:12.250000',NULL,NULL,'abandoned',NULL,'{"call_id": "c-4", "client": "bora", "started_at": "2026-11-23T08:29:12.250000Z", "caller_number": null, "transport": "media", "ended_at": null, "ended_by": null, "outcome": "abandoned", "turns": [], "handoff": null, "error": null, "anomalies": {}}');
CREATE TABLE clients (
	slug VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_clients PRIMARY KEY (slug)
);
INSERT INTO "clients" VALUES('acme','Acmé & Fils','2026-11-27 17:13:49.998734');
INSERT INTO "clients" VALUES('bora','Bora','2026-11-27 17:13:50.019456');
CREATE TABLE manuals (
	id INTEGER NOT NULL, 
	client VARCHAR NOT NULL, 
	file_name VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	pages INTEGER NOT NULL, 
	product_title VARCHAR NOT NULL, 
	product_references VARCHAR NOT NULL, 
	appliance VARCHAR NOT NULL, 
	languages VARCHAR NOT NULL, 
	passages INTEGER NOT NULL, 
	ingested_at DATETIME NOT NULL, 
	CONSTRAINT pk_manuals PRIMARY KEY (id), 
	CONSTRAINT fk_manuals_client FOREIGN KEY(client) REFERENCES clients (slug), 
	CONSTRAINT uq_manuals_client_file_name UNIQUE (client, file_name)
);
INSERT INTO "manuals" VALUES(1,'acme','sn23.pdf','abababababababababababababababababababababababababababababababab',60,'Série 4','SN23, SN24','lave-vaisselle','fr',212,'2026-11-23 07:58:12.250000');
INSERT INTO "manuals" VALUES(2,'bora','four.pdf','cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd',12,'Four FX','FX60','four','fr, en',48,'2026-11-23 08:58:12.250000');
CREATE TABLE tickets (
	id VARCHAR NOT NULL, 
	client VARCHAR NOT NULL, 
	call_id VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	urgency VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	caller_number VARCHAR, 
	brief JSON NOT NULL, 
	line VARCHAR NOT NULL, 
	CONSTRAINT pk_tickets PRIMARY KEY (id), 
	CONSTRAINT fk_tickets_client FOREIGN KEY(client) REFERENCES clients (slug), 
	CONSTRAINT uq_tickets_call_id UNIQUE (call_id)
);
INSERT INTO "tickets" VALUES('T-394NXQ','acme','c-2','2026-11-27 17:13:50.122621','urgent','new','0639981234','{"line": "Lave-vaisselle SN23, code E24 après deux essais.", "caller_number": "0639981234", "product": "lave-vaisselle SN23", "question": "ça affiche E24", "reason": "la réponse n''est pas dans les notices", "tried": ["nettoyer le filtre", "redresser le tuyau"], "pages": ["sn23.pdf, page 41"]}','Lave-vaisselle SN23, code E24 après deux essais.');
INSERT INTO "tickets" VALUES('T-FM76CE','bora','c-4','2026-11-27 17:13:50.214522','normal','new',NULL,'{"line": "Rappeler.", "caller_number": null, "product": null, "question": "", "reason": "technical", "tried": [], "pages": []}','Rappeler.');
CREATE TABLE turns (
	call_id VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	heard VARCHAR NOT NULL, 
	said VARCHAR NOT NULL, 
	decision VARCHAR NOT NULL, 
	confidence DOUBLE, 
	evidence JSON NOT NULL, 
	timings_ms JSON NOT NULL, 
	CONSTRAINT pk_turns PRIMARY KEY (call_id, position), 
	CONSTRAINT fk_turns_call_id FOREIGN KEY(call_id) REFERENCES calls (call_id) ON DELETE CASCADE
);
INSERT INTO "turns" VALUES('c-1',0,'','Bonjour, je vous écoute.','social',NULL,'[]','{"end_of_turn": null, "transcription": null, "retrieval": null, "first_audio": null, "voice_to_voice": null}');
INSERT INTO "turns" VALUES('c-1',1,'ça affiche « E24 »','Nettoyez le filtre.','answer',0.93,'[{"manual": "sn23.pdf", "page": 41, "passage_id": "p-7", "text": "E24 : l''évacuation est bouchée. Nettoyez le filtre."}]','{"end_of_turn": 312.5, "transcription": 290.0, "retrieval": 3.0, "first_audio": 5.25, "voice_to_voice": 840.25}');
INSERT INTO "turns" VALUES('c-2',0,'je veux quelqu''un','J''ai noté votre demande.','handoff',NULL,'[]','{"end_of_turn": null, "transcription": null, "retrieval": null, "first_audio": null, "voice_to_voice": null}');
INSERT INTO "turns" VALUES('c-3',0,'','Bonjour.','social',NULL,'[]','{"end_of_turn": null, "transcription": null, "retrieval": null, "first_audio": null, "voice_to_voice": null}');
CREATE INDEX ix_calls_client_calls_started_at ON calls (client, started_at);
CREATE INDEX ix_calls_ended_at ON calls (ended_at);
CREATE INDEX ix_tickets_client_tickets_created_at ON tickets (client, created_at);
COMMIT;
