--
-- PostgreSQL database dump
--



SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: chartproof; Type: SCHEMA; Schema: -; Owner: owner
--

CREATE SCHEMA chartproof;


ALTER SCHEMA chartproof OWNER TO owner;

--
-- Name: audit_order(); Type: FUNCTION; Schema: chartproof; Owner: owner
--

CREATE FUNCTION chartproof.audit_order() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
  last record;
  doc jsonb := new.body::jsonb;  -- read once: bodies are large
  who text := doc #>> '{actor,id}';
  acting text := coalesce(doc #>> '{actor,kind}', '');
  asked text := doc #>> '{data,requested_by,id}';
begin
  select seq, hash into last from chartproof.audit_event order by seq desc limit 1;
  if new.seq is distinct from coalesce(last.seq, 0) + 1
    or new.prev is distinct from coalesce(last.hash, decode(repeat('00', 32), 'hex'))
    or (doc ->> 'seq') is distinct from new.seq::text
    or new.hash is distinct from sha256(
      decode('02', 'hex') || new.prev
      || sha256(decode('00', 'hex') || convert_to(new.body, 'UTF8')))
  then
    raise exception 'out of order' using errcode = 'CP002';
  end if;
  if (acting = 'person' and who is distinct from session_user::text)
    or (acting = 'program' and who is distinct from 'chartproof')
    or (doc #>> '{data,requested_by,kind}' = 'person'
      and asked is distinct from session_user::text)
  then
    raise exception 'another name' using errcode = 'CP003';
  end if;
  if new.seq > 1 and not exists (
    select 1 from chartproof.permit p
    join pg_catalog.pg_roles r on r.rolname = p.role
    where p.kind = doc ->> 'kind' and p.actor = acting
      and pg_has_role(session_user, r.oid, 'member')
      and coalesce(doc #>> '{actor,role}', p.role)
        in (p.role, substr(p.role, 12))
  ) and not coalesce(
    doc ->> 'kind' = 'store.upgraded'
    and pg_has_role(session_user, (
      select relowner from pg_catalog.pg_class where oid = tg_relid), 'member'), false)
  then
    raise exception 'not allowed' using errcode = 'CP004';
  end if;
  return new;
end
$$;


ALTER FUNCTION chartproof.audit_order() OWNER TO owner;

--
-- Name: audit_refuse(); Type: FUNCTION; Schema: chartproof; Owner: owner
--

CREATE FUNCTION chartproof.audit_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception 'append-only' using errcode = 'CP001';
end
$$;


ALTER FUNCTION chartproof.audit_refuse() OWNER TO owner;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: audit_event; Type: TABLE; Schema: chartproof; Owner: owner
--

CREATE TABLE chartproof.audit_event (
    seq bigint NOT NULL,
    body text NOT NULL,
    prev bytea NOT NULL,
    hash bytea NOT NULL,
    kind text GENERATED ALWAYS AS (((body)::json #>> '{kind}'::text[])) STORED,
    actor text GENERATED ALWAYS AS (((body)::json #>> '{actor,id}'::text[])) STORED,
    case_id text GENERATED ALWAYS AS (((body)::json #>> '{case_id}'::text[])) STORED,
    CONSTRAINT audit_event_hash_check CHECK ((length(hash) = 32)),
    CONSTRAINT audit_event_prev_check CHECK ((length(prev) = 32)),
    CONSTRAINT audit_event_seq_check CHECK ((seq > 0))
);


ALTER TABLE chartproof.audit_event OWNER TO owner;

--
-- Name: blob; Type: TABLE; Schema: chartproof; Owner: owner
--

CREATE TABLE chartproof.blob (
    ref text NOT NULL,
    key bytea NOT NULL,
    body bytea NOT NULL
);


ALTER TABLE chartproof.blob OWNER TO owner;

--
-- Name: case_row; Type: TABLE; Schema: chartproof; Owner: owner
--

CREATE TABLE chartproof.case_row (
    case_id text NOT NULL,
    encounter_id text NOT NULL,
    opened bigint NOT NULL,
    version integer NOT NULL,
    updated text NOT NULL,
    lane text NOT NULL,
    state text NOT NULL,
    lane_reasons text NOT NULL,
    setting text NOT NULL,
    note_count integer NOT NULL,
    suggestion_count integer NOT NULL,
    decided_count integer NOT NULL,
    codes text NOT NULL,
    words text NOT NULL,
    claimed_by text DEFAULT ''::text NOT NULL,
    claimed_until text DEFAULT ''::text NOT NULL
);


ALTER TABLE chartproof.case_row OWNER TO owner;

--
-- Name: permit; Type: TABLE; Schema: chartproof; Owner: owner
--

CREATE TABLE chartproof.permit (
    role text NOT NULL,
    kind text NOT NULL,
    actor text NOT NULL
);


ALTER TABLE chartproof.permit OWNER TO owner;

--
-- Name: store; Type: TABLE; Schema: chartproof; Owner: owner
--

CREATE TABLE chartproof.store (
    id integer NOT NULL,
    schema_version integer NOT NULL,
    store_id text NOT NULL,
    secret bytea NOT NULL,
    CONSTRAINT store_id_check CHECK ((id = 1))
);


ALTER TABLE chartproof.store OWNER TO owner;

--
-- Name: store_id_seq; Type: SEQUENCE; Schema: chartproof; Owner: owner
--

CREATE SEQUENCE chartproof.store_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE chartproof.store_id_seq OWNER TO owner;

--
-- Name: store_id_seq; Type: SEQUENCE OWNED BY; Schema: chartproof; Owner: owner
--

ALTER SEQUENCE chartproof.store_id_seq OWNED BY chartproof.store.id;


--
-- Name: store id; Type: DEFAULT; Schema: chartproof; Owner: owner
--

ALTER TABLE ONLY chartproof.store ALTER COLUMN id SET DEFAULT nextval('chartproof.store_id_seq'::regclass);


--
-- Data for Name: audit_event; Type: TABLE DATA; Schema: chartproof; Owner: owner
--

INSERT INTO chartproof.audit_event VALUES (1, '{"actor":{"id":"owner","kind":"person"},"blobs":[],"case_id":null,"data":{"encrypted":true,"schema_version":2,"secret":"1a2888d14a6528ff4fec89c074ea4681155bfe9a4e78175ff4f4b4ec8978200a","signer":"chartproof/398857c9ab7459953b3d4abfffe32316+a98c2bbf+AXBlyMtpCNp9n7kUIH/wc67MtMauWNBS3+YyxyeZ4rH4","store_id":"398857c9ab7459953b3d4abfffe32316"},"event_id":"642a461803f6d553568a3b6bb3f9046d","group":[1,1],"kind":"store.created","seq":1,"ts_utc":"2026-05-04T08:00:00.000000Z"}', '\x0000000000000000000000000000000000000000000000000000000000000000', '\x881619cc6fdf6124e38f4efc54d9d1993f5a0968f35fe8a15c56acb04032628b', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (2, '{"actor":{"id":"chartproof","kind":"program"},"blobs":["a6559f2292116c28a4434c695d603fec4f38047b72f1eadd03c1952667e5fbb7","95c114ab3f4012e68d321ee444289254d36286d948b9802fff8f3e3981f08123"],"case_id":"0d8c161cdb7df1ec3d21024abbd7e1c5","data":{"account_id":"a-9","admitted":null,"age":"61.0000","assumed":["claim"],"claim":"professional","content":"aa8f362d165bc0d1b1338950f2cef7a0ce2ffe5660ba650baa73895e673802df","discharged":null,"encounter_id":"e-0","header":"a6559f2292116c28a4434c695d603fec4f38047b72f1eadd03c1952667e5fbb7","notes":[{"digest":"5abf2372f9a55dc1745764f76e2e31a13346332872d5dfecb4cb3eec119603c7","length":302,"status":"final","text":"95c114ab3f4012e68d321ee444289254d36286d948b9802fff8f3e3981f08123"}],"patient_id":"p-77","revision":1,"service_date":"2026-05-04","setting":"outpatient","sex":"female"},"event_id":"89b778e60d01ac246e969fcb31a14dab","group":[2,8],"kind":"encounter.received","seq":2,"ts_utc":"2026-05-04T08:00:00.000000Z"}', '\x881619cc6fdf6124e38f4efc54d9d1993f5a0968f35fe8a15c56acb04032628b', '\x98e75b08903a1e66f191a9b25afad6551aa247ae2424b93a3975897dc1ef0b8c', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (3, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"0d8c161cdb7df1ec3d21024abbd7e1c5","data":{"chat_model":"silent","code_version":"0.1.0","config_digest":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","index_digest":"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc","libraries":[["spacy","3.8.7"],["hnswlib","0.8.0"]],"model_digest":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","release":"2026-04-01","requested_by":{"id":"ada","kind":"person"},"rules_digest":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","scope":"reportable","sources":[],"taxonomy_digest":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","work":"f0c7f8ab7eb53437e49df77c62751115a2115a888656a8d67c36132d015188d3"},"event_id":"9800b47a5a34ffe4d27ffba11a41c91a","group":[2,8],"kind":"analysis.started","seq":3,"ts_utc":"2026-05-04T08:00:00.000000Z"}', '\x98e75b08903a1e66f191a9b25afad6551aa247ae2424b93a3975897dc1ef0b8c', '\x77af4179f7a93c7becc8535f6fbb25664ac36926ec7abce38d34b524f77ccee9', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (4, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"0d8c161cdb7df1ec3d21024abbd7e1c5","data":{"mentions":[[0,113,135,"assessment","present",null],[0,171,217,"assessment","present",null],[0,255,268,"assessment","negated",[0,240,254]]]},"event_id":"c2ac16a97ee957459c8a41b803909a32","group":[2,8],"kind":"evidence.extracted","seq":4,"ts_utc":"2026-05-04T08:00:00.000000Z"}', '\x77af4179f7a93c7becc8535f6fbb25664ac36926ec7abce38d34b524f77ccee9', '\x8efe9b8210a136472db6bc8ea0d1fa28eced6a8dc1a89c15f2f44b3a19234459', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (5, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"0d8c161cdb7df1ec3d21024abbd7e1c5","data":{"candidates":[["I10","0.9312",["dictionary","lexical"],["lexical=0.83"]],["I15.9","0.4100",["dense"],[]],["E11.9","1.0000",["dictionary"],[]]],"lists":[[0,1],[2],[]],"traces":[[0,0],[1,1],[2,2]]},"event_id":"d1d443111797438de8da1b896dd13ec2","group":[2,8],"kind":"candidates.retrieved","seq":5,"ts_utc":"2026-05-04T08:00:00.000000Z"}', '\x8efe9b8210a136472db6bc8ea0d1fa28eced6a8dc1a89c15f2f44b3a19234459', '\x73a76f3143ed308e58216aafe6580c537a9b5cca6a01069caa48553035b8bd3e', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (6, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"0d8c161cdb7df1ec3d21024abbd7e1c5","data":{"traces":[["I10",0],["E11.9",0],["I50.9",1]],"verdicts":[["supported",["asserted-present"],"rules"],["refuted",["negated"],"rules"]]},"event_id":"9dda8c139137eba069c39018d4816dfc","group":[2,8],"kind":"candidates.verified","seq":6,"ts_utc":"2026-05-04T08:00:00.000000Z"}', '\x73a76f3143ed308e58216aafe6580c537a9b5cca6a01069caa48553035b8bd3e', '\xfd022e8eedadbae12acea41c437fffc203fddb0449789d01c55b9ca799cb3c57', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (7, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"0d8c161cdb7df1ec3d21024abbd7e1c5","data":{"encounter":[0],"excluded":[["I50.9","negated",[2]]],"findings":[["specificity","warning",["E11.9"],"guideline I.B.2","2026-04-01",["laterality"]]],"passes":[],"suggestions":[["I10",[0],0,0,[]],["E11.9",[1],1,0,[0]]],"unchecked":[]},"event_id":"94115b5e1c334280d1e81ead047f573b","group":[2,8],"kind":"codes.validated","seq":7,"ts_utc":"2026-05-04T08:00:00.000000Z"}', '\xfd022e8eedadbae12acea41c437fffc203fddb0449789d01c55b9ca799cb3c57', '\xa4a1bd131c235f8b205f0f2353ee172ca79764da2dc9e59f4a7ef1872c17b8a7', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (8, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"0d8c161cdb7df1ec3d21024abbd7e1c5","data":{"lane":"review","lane_reasons":["route=review"],"parts":[["raises=score:0.8","lowers=status:1.3"],[]],"setting":"outpatient","suggestions":[["0.8765","confirm",["threshold=0.95"]],["0.5000","review",[]]]},"event_id":"03d6836c8897b0c5736be4e703e2bb3a","group":[2,8],"kind":"case.routed","seq":8,"ts_utc":"2026-05-04T08:00:00.000000Z"}', '\xa4a1bd131c235f8b205f0f2353ee172ca79764da2dc9e59f4a7ef1872c17b8a7', '\x8a1cf7d63a7123b6921e395ce1d16e30e647b459102829222229088ca39537f8', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (9, '{"actor":{"id":"ada","kind":"person","role":"coder"},"blobs":[],"case_id":"0d8c161cdb7df1ec3d21024abbd7e1c5","data":{"before":"open","code":"I10","reason":null},"event_id":"ae2057b7899446a9b65493ad215e25f5","group":[9,9],"kind":"decision.accepted","seq":9,"ts_utc":"2026-05-04T08:00:01.000000Z"}', '\x8a1cf7d63a7123b6921e395ce1d16e30e647b459102829222229088ca39537f8', '\xd6432e5b908161204b92cbc3da56005743148d378c0bc8266d9ae25a6e58a764', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (10, '{"actor":{"id":"ada","kind":"person","role":"coder"},"blobs":[],"case_id":"0d8c161cdb7df1ec3d21024abbd7e1c5","data":{"before":"open","code":"E11.9","reason":null},"event_id":"dc78399b34eca8393622f9417210aae9","group":[10,10],"kind":"decision.rejected","seq":10,"ts_utc":"2026-05-04T08:00:02.000000Z"}', '\xd6432e5b908161204b92cbc3da56005743148d378c0bc8266d9ae25a6e58a764', '\x8b94cb0781c6cc62b813616b53561c3a849e33f309da3c9f9e0b58069c8607cf', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (11, '{"actor":{"id":"ada","kind":"person","role":"coder"},"blobs":[],"case_id":"0d8c161cdb7df1ec3d21024abbd7e1c5","data":{"undoes":10},"event_id":"97ba89a03bc4b04454ddc9a2ae82e494","group":[11,11],"kind":"decision.undone","seq":11,"ts_utc":"2026-05-04T08:00:03.000000Z"}', '\x8b94cb0781c6cc62b813616b53561c3a849e33f309da3c9f9e0b58069c8607cf', '\x78095ce87fa323bbd2da6b81289a8eeed48a204707681e6e4f432d3c75de3ced', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (12, '{"actor":{"id":"chartproof","kind":"program"},"blobs":["11c68ce923ebf3ee7c3184f6235334e9889ee62691e8fdc9946f715e841472fc","8e973f6f08c6f2aa355131c7c2068f8ea023fb7f2805ec5fb4367d7b993ce8fc"],"case_id":"9f991bfd36d5125e3b4c01a3547a214e","data":{"account_id":"a-9","admitted":null,"age":"61.0000","assumed":["claim"],"claim":"professional","content":"10cb97683a9c906f8ecc60ae1942eb969283e5397ada6ac45852fdd07fd67dab","discharged":null,"encounter_id":"e-1","header":"11c68ce923ebf3ee7c3184f6235334e9889ee62691e8fdc9946f715e841472fc","notes":[{"digest":"5abf2372f9a55dc1745764f76e2e31a13346332872d5dfecb4cb3eec119603c7","length":302,"status":"final","text":"8e973f6f08c6f2aa355131c7c2068f8ea023fb7f2805ec5fb4367d7b993ce8fc"}],"patient_id":"p-77","revision":1,"service_date":"2026-05-04","setting":"outpatient","sex":"female"},"event_id":"14f8753a8591863d28f21207d9c422db","group":[12,18],"kind":"encounter.received","seq":12,"ts_utc":"2026-05-04T08:00:04.000000Z"}', '\x78095ce87fa323bbd2da6b81289a8eeed48a204707681e6e4f432d3c75de3ced', '\x05b8d218ab7a6df540f7b0d00240b7ea3782ce724bf61425bc6268cdd5e4de03', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (13, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"9f991bfd36d5125e3b4c01a3547a214e","data":{"chat_model":"silent","code_version":"0.1.0","config_digest":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","index_digest":"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc","libraries":[["spacy","3.8.7"],["hnswlib","0.8.0"]],"model_digest":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","release":"2026-04-01","requested_by":{"id":"ada","kind":"person"},"rules_digest":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","scope":"reportable","sources":[],"taxonomy_digest":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","work":"8994a08f9b8859f8fc29efb6ba0a394c207d1ebef1dd9d7cb6242159968a2a54"},"event_id":"ffad19a649646974c6c390195a7aa286","group":[12,18],"kind":"analysis.started","seq":13,"ts_utc":"2026-05-04T08:00:04.000000Z"}', '\x05b8d218ab7a6df540f7b0d00240b7ea3782ce724bf61425bc6268cdd5e4de03', '\xe05c54d907046cafa5efa5e3ffe19c8362a403ce6c7356fd3b228eaa4cca85d8', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (14, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"9f991bfd36d5125e3b4c01a3547a214e","data":{"mentions":[[0,113,135,"assessment","present",null],[0,171,217,"assessment","present",null],[0,255,268,"assessment","negated",[0,240,254]]]},"event_id":"6d7435e5eccff910a671a8bc97a77d0e","group":[12,18],"kind":"evidence.extracted","seq":14,"ts_utc":"2026-05-04T08:00:04.000000Z"}', '\xe05c54d907046cafa5efa5e3ffe19c8362a403ce6c7356fd3b228eaa4cca85d8', '\xea71a5560807327d44c77b6fd1d7f9b753b8d4175e56b1794ba45c87fedcc458', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (15, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"9f991bfd36d5125e3b4c01a3547a214e","data":{"candidates":[["I10","0.9312",["dictionary","lexical"],["lexical=0.83"]],["I15.9","0.4100",["dense"],[]],["E11.9","1.0000",["dictionary"],[]]],"lists":[[0,1],[2],[]],"traces":[[0,0],[1,1],[2,2]]},"event_id":"afa403c5d16686c509276ccb9b1f0351","group":[12,18],"kind":"candidates.retrieved","seq":15,"ts_utc":"2026-05-04T08:00:04.000000Z"}', '\xea71a5560807327d44c77b6fd1d7f9b753b8d4175e56b1794ba45c87fedcc458', '\x0d826d0f4ec1ae702c3001ca3b9e6275b6da557516dabe0de6d2da85f38a3234', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (16, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"9f991bfd36d5125e3b4c01a3547a214e","data":{"traces":[["I10",0],["E11.9",0],["I50.9",1]],"verdicts":[["supported",["asserted-present"],"rules"],["refuted",["negated"],"rules"]]},"event_id":"e57430370b6ab0f530912c1afe98b845","group":[12,18],"kind":"candidates.verified","seq":16,"ts_utc":"2026-05-04T08:00:04.000000Z"}', '\x0d826d0f4ec1ae702c3001ca3b9e6275b6da557516dabe0de6d2da85f38a3234', '\x23eb6accf22c6061ad0406ac05ef72510d82edb39cd71636de3564b40a6d3b40', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (17, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"9f991bfd36d5125e3b4c01a3547a214e","data":{"encounter":[0],"excluded":[["I50.9","negated",[2]]],"findings":[["specificity","warning",["E11.9"],"guideline I.B.2","2026-04-01",["laterality"]]],"passes":[],"suggestions":[["I10",[0],0,0,[]],["E11.9",[1],1,0,[0]]],"unchecked":[]},"event_id":"dbbd83b528c34b9c27a56e26b08ff62d","group":[12,18],"kind":"codes.validated","seq":17,"ts_utc":"2026-05-04T08:00:04.000000Z"}', '\x23eb6accf22c6061ad0406ac05ef72510d82edb39cd71636de3564b40a6d3b40', '\x740b250ae64b3388fad639738c1172af4a5cf0308800eb9719bc30a1d209ad19', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (18, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"9f991bfd36d5125e3b4c01a3547a214e","data":{"lane":"review","lane_reasons":["route=review"],"parts":[["raises=score:0.8","lowers=status:1.3"],[]],"setting":"outpatient","suggestions":[["0.8765","confirm",["threshold=0.95"]],["0.5000","review",[]]]},"event_id":"65bc66c16c7e32b3752e0c44d971c7e2","group":[12,18],"kind":"case.routed","seq":18,"ts_utc":"2026-05-04T08:00:04.000000Z"}', '\x740b250ae64b3388fad639738c1172af4a5cf0308800eb9719bc30a1d209ad19', '\x19c389d196457fbd1c2382fe6457c39ab3d020290cd0db3d6f6cd580a2bf700a', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (19, '{"actor":{"id":"ada","kind":"person","role":"coder"},"blobs":[],"case_id":"9f991bfd36d5125e3b4c01a3547a214e","data":{"before":"open","code":"I10","reason":null},"event_id":"8f263909bbb8527638fe3b2f69283b13","group":[19,19],"kind":"decision.rejected","seq":19,"ts_utc":"2026-05-04T08:00:05.000000Z"}', '\x19c389d196457fbd1c2382fe6457c39ab3d020290cd0db3d6f6cd580a2bf700a', '\x2dc5ea4d72f582ad076ada118b5af52d8ced88fff577a349a33879250b5b3e36', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (20, '{"actor":{"id":"chartproof","kind":"program"},"blobs":["5c422ac68ae776cd1abf731945dd4212b9ca350c9651b1aa78ae6a75e57ca956","672ea27c684292e71691591f9b8fb7af13f514b39dee7adc1a39b07e5510f131"],"case_id":"a11ba84f5ac83552baabf14e7a8b8fa1","data":{"count":1,"errors":"672ea27c684292e71691591f9b8fb7af13f514b39dee7adc1a39b07e5510f131","reason":"unreadable","requested_by":{"id":"ada","kind":"person"},"source":"5c422ac68ae776cd1abf731945dd4212b9ca350c9651b1aa78ae6a75e57ca956","work":"5f1eacf5af13c32b5c0d151f2a9841e34249bfce70a1731291e5cb1909adc26d"},"event_id":"fb0bf6520f44078cfeeefaa70e198095","group":[20,20],"kind":"input.refused","seq":20,"ts_utc":"2026-05-04T08:00:06.000000Z"}', '\x2dc5ea4d72f582ad076ada118b5af52d8ced88fff577a349a33879250b5b3e36', '\x11d8b2416e41ed72bb53585f0ee2d987d2ed9e3f2befe929186f925467c9faeb', DEFAULT, DEFAULT, DEFAULT);


--
-- Data for Name: blob; Type: TABLE DATA; Schema: chartproof; Owner: owner
--

INSERT INTO chartproof.blob VALUES ('a6559f2292116c28a4434c695d603fec4f38047b72f1eadd03c1952667e5fbb7', '\x208ef789bb2034a7afb1756acd606d2c54fc387080afa58b4cf8df95c57fd4d9b7811141616cdb68640e74afc5d7781e', '\xb39d46df0aca245044b4fc362dc260429d872741d75d87dbf66c1c9f5ed71b83a4e3d518d336b346860be0b5f22f06be564b397ec899d9abedb6152c3b29534ce9c4173fbe8c4c667cbcafebb1072ff13f7651c95959bd11eb21590b176d602d2c4fd4ecb8b3ea8aef94a3c0a2c925c214faa32edb46731e77d97c5b45715214334d4f9ea5f179b3e311486708bd54c872e6915ff2476f5a1d99c8428940a675ce89ac1a94828af96807f3641b745df5e4');
INSERT INTO chartproof.blob VALUES ('95c114ab3f4012e68d321ee444289254d36286d948b9802fff8f3e3981f08123', '\xb8293464b567f3b6d0c88d2be700b1ea79a6ce7d01317d0c94d28d679e6a55d4ab131b4bbb2cd2f0f90128badaad8dc1', '\x9b99646e9f4631cafd1dec459b2470a9c698a28dd7b7bd259f449cfc1249b04651a7a2e8b452625358e73114f8c913c158bed446ac088faba88b206aeaf14f3e7ce86899d2b185fd193a3b8ba6c06e6c69a1746faf54b8ed8f628fcdebdeaed5de6926f98222e5cf22042c3d90a80695e5f4b7d9bae62f05e4f1d3774491a0b222e6bc0f4eff5aab43df65a0a0ad732989b8b3ecd303be868267ad81dd7ad3c7fe25472735ee1f4ca58d18e8c4a2992b66885d0215598f8de572096c3f7551525fa5efd9fa562312d44bb1e7976db54434f8fdcb29eec21f5b3ae750d7ba38f3fdebe4f87617cdfff929a98ebb72ac03650b119b5c0fdc8ec22463a3342e3f1c4f2832cf89d0177dddf63d0bb2bb5e7702cfb1c5a7ed4ec40abe423cd819c98b67f3284265f340f3b97e2c37dc7fa179239b31895aefa04d58572818eef1');
INSERT INTO chartproof.blob VALUES ('11c68ce923ebf3ee7c3184f6235334e9889ee62691e8fdc9946f715e841472fc', '\xadf85b44fac3714c99912b628cef0692c8fb6b4f61b28989511ee70ca4a4c3ac75b7c77889f02c450ef466cca019a919', '\xf87baf2f846d3a225f259f733954fe9eac937a2a06b3d00ae3c7e679d852c9812dc00554e1cebd1c5a1574a32a65921d892d1a0ed261e908455c4dfbb77b655a2aa81d0cb7ee30e97e758b4d3952953149060585683b58e7465ba1428e68d34134ae2c70169009b62c7a2602f9559c4c74e852973309868a17ea00453fbd17a8a52333410dfbf2f2e473574eac376ef7387ffaec78bf3483c02af0ffffe8ef21c54696b73eb5d923915e60a0cbbf66fd56');
INSERT INTO chartproof.blob VALUES ('8e973f6f08c6f2aa355131c7c2068f8ea023fb7f2805ec5fb4367d7b993ce8fc', '\x728d187a1567e010692f04c920e27b353baa71d2800ef96401d42409860103b59d80dcd110329ae0b5ac72a938544d7c', '\xe03e1b9600dfedee25cb7477ae621fb3ea4f77d232817d65f5bb04319bf5c88176b57301a782a4390a8ae8a96a1508a7221142f3461fceb448f5ab63c3dc909f7d4638b25fb76b78da296b9281aed5b8920bd44f7a9ed76198c6407a7e0dd557c6dafdb50264e6f9ea77ab01471846ea3522400e1f69d0090b80dc1fb8af4005c58addf2cb72f7bca767f6ef93c1b81a0481d848a512344bf7675f096253240b9beae318270be36371831d7fee8fbc9f0707bb10d51c7100e344fb37ba08e6165d17f780d1d2f51e0856bb945ee827e36cc4b052a34abc41fa77ba531c20ac32edc6e8578137d7f62fc12aa74311bb518b982078adad4cd9298d230f6d7688522454a0f6e5fe653d4141233b5724aeab6966e957c4d0d334d24d93bbbdd2a8b31619597f0a08d3d00ee2f5b3f9a7c91d95a4812c562415b5e3079a021b57');
INSERT INTO chartproof.blob VALUES ('672ea27c684292e71691591f9b8fb7af13f514b39dee7adc1a39b07e5510f131', '\xd47aa88cd98fb4341b94e0b554f0d6d580b639a3adb5f78f806b337936fe7738b8080066ee9505b398f1cac775cb0109', '\x5cc96c390582132975f2861e7d3b041330aa0b76cd1720f96f9627e1c63db61d51d909dbdb87eca1001f14ba0c');
INSERT INTO chartproof.blob VALUES ('5c422ac68ae776cd1abf731945dd4212b9ca350c9651b1aa78ae6a75e57ca956', '\x2cc4166071884bc765d1735f8c9ca41f1ab5896f7521cd12c9abf82b27f93a7429f9e946febe4fe70d0bc0fbc38a9b1b', '\x205599241567e2deaeb37e5f9ce3e8795a571cc3c1');


--
-- Data for Name: case_row; Type: TABLE DATA; Schema: chartproof; Owner: owner
--

INSERT INTO chartproof.case_row VALUES ('0d8c161cdb7df1ec3d21024abbd7e1c5', '6b3abf648163de6509edac3e47929d0582390e', 2, 10, '2026-05-04T08:00:03.000000Z', 'review', 'open', 'route=review', 'outpatient', 1, 2, 1, 'i10 e11.9', '5290ca72868b4586380c2ccf068fad0317a6db17ba29f80e5ab20a11851a80e985d70c8f93817d67e66e183d587c7012ed3ba8fc99925e77', '', '');
INSERT INTO chartproof.case_row VALUES ('9f991bfd36d5125e3b4c01a3547a214e', '11e2075f45f6c492f932c0144ea19ca60489e2', 12, 8, '2026-05-04T08:00:05.000000Z', 'review', 'open', 'route=review', 'outpatient', 1, 2, 1, 'i10 e11.9', 'c4ab55e6028c516bea01363a63d591445361bb66f175f46dd3c7e1d1bb9bb7c76b872614b6d884d7ef07ce95f0fcea195285d5e99decb745', '', '');
INSERT INTO chartproof.case_row VALUES ('a11ba84f5ac83552baabf14e7a8b8fa1', '18c66b53abc3bacc0be137122293c4cbbfc5eb4938', 20, 1, '2026-05-04T08:00:06.000000Z', 'review', 'failed', 'unreadable', '', 0, 0, 0, '', '108a6b418198aa260163d49b90804b0512aef4f84c90bd', '', '');


--
-- Data for Name: permit; Type: TABLE DATA; Schema: chartproof; Owner: owner
--

INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'case.routed', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'decision.replaced', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'clock.changed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'input.refused', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'comment.added', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'poa.set', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'case.claimed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'case.held', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'chat.asked', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'encounter.received', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'audit.verified', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'case.viewed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'session.unlocked', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'cases.searched', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'case.signed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'decision.asserted', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'chat.answered', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'case.submitted', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'codes.ordered', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'query.written', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'decision.undone', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'evidence.extracted', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'decision.redone', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'decision.added', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'text.copied', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'session.started', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'evidence.attached', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'analysis.started', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'case.reopened', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'signing.refused', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'checkpoint.issued', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'session.ended', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'session.locked', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'codes.validated', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'person.enrolled', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'case.resumed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'note.viewed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'candidates.retrieved', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'analysis.failed', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'candidates.verified', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'case.released', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'decision.rejected', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'decision.accepted', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'signer.registered', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'case.routed', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'decision.replaced', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'clock.changed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'input.refused', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'comment.added', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'poa.set', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'case.claimed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'case.held', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'chat.asked', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'encounter.received', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'audit.verified', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'case.viewed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'session.unlocked', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'cases.searched', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'case.signed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'decision.asserted', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'chat.answered', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'case.submitted', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'codes.ordered', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'query.written', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'decision.undone', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'evidence.extracted', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'decision.redone', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'decision.added', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'text.copied', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'session.started', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'evidence.attached', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'analysis.started', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'case.reopened', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'signing.refused', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'checkpoint.issued', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'session.ended', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'session.locked', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'codes.validated', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'person.enrolled', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'case.resumed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'note.viewed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'candidates.retrieved', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'record.exported', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'analysis.failed', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'candidates.verified', 'program');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'case.released', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'decision.rejected', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'decision.accepted', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'signer.registered', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'clock.changed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'texts.disposed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'hold.placed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'audit.verified', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'case.viewed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'session.unlocked', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'cases.searched', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'retention.set', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'text.copied', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'session.started', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'signing.refused', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'checkpoint.issued', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'backup.made', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'session.ended', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'session.locked', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'person.enrolled', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'hold.lifted', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'note.viewed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'record.exported', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'history.replayed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'signer.registered', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'session.ended', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'session.locked', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'person.enrolled', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'session.started', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'session.unlocked', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'clock.changed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'checkpoint.issued', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'store.restored', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'signing.refused', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'prompt.activated', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'chat.allowed', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'chat.forbidden', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'signer.registered', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'backup.made', 'person');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'audit.verified', 'person');


--
-- Data for Name: store; Type: TABLE DATA; Schema: chartproof; Owner: owner
--

INSERT INTO chartproof.store VALUES (1, 2, '398857c9ab7459953b3d4abfffe32316', '\xec631fb9bc178c13fe472dae389a3600de123521dc5350d58f53351422a78e8ce4157a343a745e4fc81cabc9178060b1');


--
-- Name: store_id_seq; Type: SEQUENCE SET; Schema: chartproof; Owner: owner
--

SELECT pg_catalog.setval('chartproof.store_id_seq', 1, false);


--
-- Name: audit_event audit_event_hash_key; Type: CONSTRAINT; Schema: chartproof; Owner: owner
--

ALTER TABLE ONLY chartproof.audit_event
    ADD CONSTRAINT audit_event_hash_key UNIQUE (hash);


--
-- Name: audit_event audit_event_pkey; Type: CONSTRAINT; Schema: chartproof; Owner: owner
--

ALTER TABLE ONLY chartproof.audit_event
    ADD CONSTRAINT audit_event_pkey PRIMARY KEY (seq);


--
-- Name: audit_event audit_event_prev_key; Type: CONSTRAINT; Schema: chartproof; Owner: owner
--

ALTER TABLE ONLY chartproof.audit_event
    ADD CONSTRAINT audit_event_prev_key UNIQUE (prev);


--
-- Name: blob blob_pkey; Type: CONSTRAINT; Schema: chartproof; Owner: owner
--

ALTER TABLE ONLY chartproof.blob
    ADD CONSTRAINT blob_pkey PRIMARY KEY (ref);


--
-- Name: case_row case_row_encounter_id_key; Type: CONSTRAINT; Schema: chartproof; Owner: owner
--

ALTER TABLE ONLY chartproof.case_row
    ADD CONSTRAINT case_row_encounter_id_key UNIQUE (encounter_id);


--
-- Name: case_row case_row_pkey; Type: CONSTRAINT; Schema: chartproof; Owner: owner
--

ALTER TABLE ONLY chartproof.case_row
    ADD CONSTRAINT case_row_pkey PRIMARY KEY (case_id);


--
-- Name: permit permit_pkey; Type: CONSTRAINT; Schema: chartproof; Owner: owner
--

ALTER TABLE ONLY chartproof.permit
    ADD CONSTRAINT permit_pkey PRIMARY KEY (role, kind);


--
-- Name: store store_pkey; Type: CONSTRAINT; Schema: chartproof; Owner: owner
--

ALTER TABLE ONLY chartproof.store
    ADD CONSTRAINT store_pkey PRIMARY KEY (id);


--
-- Name: audit_event_case; Type: INDEX; Schema: chartproof; Owner: owner
--

CREATE INDEX audit_event_case ON chartproof.audit_event USING btree (case_id, seq);


--
-- Name: case_row_lane; Type: INDEX; Schema: chartproof; Owner: owner
--

CREATE INDEX case_row_lane ON chartproof.case_row USING btree (lane, state);


--
-- Name: ix_case_row_opened; Type: INDEX; Schema: chartproof; Owner: owner
--

CREATE INDEX ix_case_row_opened ON chartproof.case_row USING btree (opened);


--
-- Name: audit_event audit_no_delete; Type: TRIGGER; Schema: chartproof; Owner: owner
--

CREATE TRIGGER audit_no_delete BEFORE DELETE ON chartproof.audit_event FOR EACH ROW EXECUTE FUNCTION chartproof.audit_refuse();

ALTER TABLE chartproof.audit_event ENABLE ALWAYS TRIGGER audit_no_delete;


--
-- Name: audit_event audit_no_truncate; Type: TRIGGER; Schema: chartproof; Owner: owner
--

CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON chartproof.audit_event FOR EACH STATEMENT EXECUTE FUNCTION chartproof.audit_refuse();

ALTER TABLE chartproof.audit_event ENABLE ALWAYS TRIGGER audit_no_truncate;


--
-- Name: audit_event audit_no_update; Type: TRIGGER; Schema: chartproof; Owner: owner
--

CREATE TRIGGER audit_no_update BEFORE UPDATE ON chartproof.audit_event FOR EACH ROW EXECUTE FUNCTION chartproof.audit_refuse();

ALTER TABLE chartproof.audit_event ENABLE ALWAYS TRIGGER audit_no_update;


--
-- Name: audit_event audit_order; Type: TRIGGER; Schema: chartproof; Owner: owner
--

CREATE TRIGGER audit_order BEFORE INSERT ON chartproof.audit_event FOR EACH ROW EXECUTE FUNCTION chartproof.audit_order();

ALTER TABLE chartproof.audit_event ENABLE ALWAYS TRIGGER audit_order;


--
-- Name: blob blob_no_truncate; Type: TRIGGER; Schema: chartproof; Owner: owner
--

CREATE TRIGGER blob_no_truncate BEFORE TRUNCATE ON chartproof.blob FOR EACH STATEMENT EXECUTE FUNCTION chartproof.audit_refuse();

ALTER TABLE chartproof.blob ENABLE ALWAYS TRIGGER blob_no_truncate;


--
-- Name: store store_no_delete; Type: TRIGGER; Schema: chartproof; Owner: owner
--

CREATE TRIGGER store_no_delete BEFORE DELETE ON chartproof.store FOR EACH ROW EXECUTE FUNCTION chartproof.audit_refuse();

ALTER TABLE chartproof.store ENABLE ALWAYS TRIGGER store_no_delete;


--
-- Name: store store_no_truncate; Type: TRIGGER; Schema: chartproof; Owner: owner
--

CREATE TRIGGER store_no_truncate BEFORE TRUNCATE ON chartproof.store FOR EACH STATEMENT EXECUTE FUNCTION chartproof.audit_refuse();

ALTER TABLE chartproof.store ENABLE ALWAYS TRIGGER store_no_truncate;


--
-- Name: SCHEMA chartproof; Type: ACL; Schema: -; Owner: owner
--

GRANT USAGE ON SCHEMA chartproof TO chartproof_coder;
GRANT USAGE ON SCHEMA chartproof TO chartproof_reviewer;
GRANT USAGE ON SCHEMA chartproof TO chartproof_compliance;
GRANT USAGE ON SCHEMA chartproof TO chartproof_admin;


--
-- Name: TABLE audit_event; Type: ACL; Schema: chartproof; Owner: owner
--

GRANT SELECT,INSERT ON TABLE chartproof.audit_event TO chartproof_coder;
GRANT SELECT,INSERT ON TABLE chartproof.audit_event TO chartproof_reviewer;
GRANT SELECT,INSERT ON TABLE chartproof.audit_event TO chartproof_compliance;
GRANT SELECT,INSERT ON TABLE chartproof.audit_event TO chartproof_admin;


--
-- Name: TABLE blob; Type: ACL; Schema: chartproof; Owner: owner
--

GRANT SELECT,INSERT ON TABLE chartproof.blob TO chartproof_coder;
GRANT SELECT,INSERT ON TABLE chartproof.blob TO chartproof_reviewer;
GRANT SELECT,INSERT,DELETE ON TABLE chartproof.blob TO chartproof_compliance;
GRANT SELECT,INSERT ON TABLE chartproof.blob TO chartproof_admin;


--
-- Name: TABLE case_row; Type: ACL; Schema: chartproof; Owner: owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE chartproof.case_row TO chartproof_coder;
GRANT SELECT,INSERT,UPDATE ON TABLE chartproof.case_row TO chartproof_reviewer;
GRANT SELECT,INSERT,UPDATE ON TABLE chartproof.case_row TO chartproof_compliance;
GRANT SELECT ON TABLE chartproof.case_row TO chartproof_admin;


--
-- Name: TABLE permit; Type: ACL; Schema: chartproof; Owner: owner
--

GRANT SELECT ON TABLE chartproof.permit TO chartproof_coder;
GRANT SELECT ON TABLE chartproof.permit TO chartproof_reviewer;
GRANT SELECT ON TABLE chartproof.permit TO chartproof_compliance;
GRANT SELECT ON TABLE chartproof.permit TO chartproof_admin;


--
-- Name: TABLE store; Type: ACL; Schema: chartproof; Owner: owner
--

GRANT SELECT ON TABLE chartproof.store TO chartproof_coder;
GRANT SELECT ON TABLE chartproof.store TO chartproof_reviewer;
GRANT SELECT ON TABLE chartproof.store TO chartproof_compliance;
GRANT SELECT ON TABLE chartproof.store TO chartproof_admin;


--
-- PostgreSQL database dump complete
--


