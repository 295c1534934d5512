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
  who text := new.body::json #>> '{actor,id}';
  kind text := new.body::json #>> '{actor,kind}';
  asked text := new.body::json #>> '{data,requested_by,id}';
begin
  select seq, hash into last from chartproof.audit_event order by seq desc limit 1;
  if new.seq is distinct from coalesce(last.seq, 0) + 1
    or new.prev is distinct from coalesce(last.hash, decode(repeat('00', 32), 'hex'))
    or (new.body::json ->> 'seq') is distinct from new.seq::text
    or new.hash is distinct from sha256(
      decode('02', 'hex') || new.prev
      || sha256(decode('00', 'hex') || convert_to(new.body, 'UTF8')))
  then
    raise exception 'out of order' using errcode = 'CP002';
  end if;
  if (kind = 'person' and who is distinct from session_user::text)
    or (new.body::json #>> '{data,requested_by,kind}' = 'person'
      and asked is distinct from session_user::text)
  then
    raise exception 'another name' using errcode = 'CP003';
  end if;
  if not exists (
    select 1 from chartproof.permit p
    join pg_catalog.pg_roles r on r.rolname = p.role
    where p.kind = new.body::json ->> 'kind'
      and pg_has_role(session_user, r.oid, 'member')
      and coalesce(new.body::json #>> '{actor,role}', p.role)
        in (p.role, substr(p.role, 12))
  ) and new.seq > 1
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
    words text NOT NULL
);


ALTER TABLE chartproof.case_row OWNER TO owner;

--
-- Name: permit; Type: TABLE; Schema: chartproof; Owner: owner
--

CREATE TABLE chartproof.permit (
    role text NOT NULL,
    kind text NOT NULL
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

INSERT INTO chartproof.audit_event VALUES (1, '{"actor":{"id":"owner","kind":"person"},"blobs":[],"case_id":null,"data":{"encrypted":true,"schema_version":1,"secret":"6be4ffad7bbc6310701ce6f51a026e90c1551f69dbd1f0d27e7a6c6ecdacc96b","signer":"chartproof/c2caa5f507ca6c5e688f8297ac59aaf6+da98b30f+ARfnEa0V9UYznxWLJNTgiQxNhXBIJtyHgACKRzDF1qmM","store_id":"c2caa5f507ca6c5e688f8297ac59aaf6"},"event_id":"68f7a2af6df75f087c54bc8c17a900ed","group":[1,1],"kind":"store.created","seq":1,"ts_utc":"2026-05-04T08:00:00.000000Z"}', '\x0000000000000000000000000000000000000000000000000000000000000000', '\x9a025784debef5b9f736218e88934e18adf146f842ef708f1182e8f4b136a127', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (2, '{"actor":{"id":"chartproof","kind":"program"},"blobs":["1aa1c0d770b4cbd44ee30d525cd0b20f576b34b0f01ca8235ad4669809550334","5f185af12c3f5a4ab26ab25751593e75305e35bdefde6e9fca59e63b80898a90"],"case_id":"10c687b95ac475493dd829db97b49af0","data":{"account_id":"a-9","admitted":null,"age":"61.0000","assumed":["claim"],"claim":"professional","content":"2c688404370419b2cc21b854648aa0b07b7ae2ac0a9a98d6d4ae0f725fdbc6fa","discharged":null,"encounter_id":"e-0","header":"1aa1c0d770b4cbd44ee30d525cd0b20f576b34b0f01ca8235ad4669809550334","notes":[{"digest":"ede9bc6b0f24e7153a47e0e89371872038ca31b0e1d2f0694ce930903b711bf0","length":302,"status":"final","text":"5f185af12c3f5a4ab26ab25751593e75305e35bdefde6e9fca59e63b80898a90"}],"patient_id":"p-77","revision":1,"service_date":"2026-05-04","setting":"outpatient","sex":"female"},"event_id":"d923676648648272de9030a58824b283","group":[2,8],"kind":"encounter.received","seq":2,"ts_utc":"2026-05-04T08:00:00.000000Z"}', '\x9a025784debef5b9f736218e88934e18adf146f842ef708f1182e8f4b136a127', '\xa560a9fd7d3b5998e618519dc245e53946aeee50f3a57f9c7a653842b39120e8', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (3, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"10c687b95ac475493dd829db97b49af0","data":{"chat_model":"silent","code_version":"0.1.0","config_digest":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","index_digest":"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc","libraries":[["spacy","3.8.7"],["hnswlib","0.8.0"]],"model_digest":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","release":"2026-04-01","requested_by":{"id":"ada","kind":"person"},"rules_digest":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","scope":"reportable","sources":[],"taxonomy_digest":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","work":"2fa66712978b11d932dafbd90f3dc20e456a2393b873c7c441ee1c3f49b5982b"},"event_id":"4d551d113787e060cae125890b9cc5a8","group":[2,8],"kind":"analysis.started","seq":3,"ts_utc":"2026-05-04T08:00:00.000000Z"}', '\xa560a9fd7d3b5998e618519dc245e53946aeee50f3a57f9c7a653842b39120e8', '\xa5abc8063b7266ae54bad4b96b55d16c7eb3784bc5960817daf2a7e220d2f707', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (4, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"10c687b95ac475493dd829db97b49af0","data":{"mentions":[[0,113,135,"assessment","present",null],[0,171,217,"assessment","present",null],[0,255,268,"assessment","negated",[0,240,254]]]},"event_id":"927ea94c3b57cdae899cc73f884cdd5b","group":[2,8],"kind":"evidence.extracted","seq":4,"ts_utc":"2026-05-04T08:00:00.000000Z"}', '\xa5abc8063b7266ae54bad4b96b55d16c7eb3784bc5960817daf2a7e220d2f707', '\x4ad885101fe52abf89762f52dad3f5500d079e34b595e4c662c318038a75eb9a', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (5, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"10c687b95ac475493dd829db97b49af0","data":{"candidates":[["I10","0.9312",["dictionary","lexical"],["lexical=0.83"]],["I15.9","0.4100",["dense"],[]],["E11.9","1.0000",["dictionary"],[]]],"lists":[[0,1],[2],[]],"traces":[[0,0],[1,1],[2,2]]},"event_id":"f846b3dcc46bc5e1ef388294a74d3ccd","group":[2,8],"kind":"candidates.retrieved","seq":5,"ts_utc":"2026-05-04T08:00:00.000000Z"}', '\x4ad885101fe52abf89762f52dad3f5500d079e34b595e4c662c318038a75eb9a', '\x74ce915f7efd71347d181d71e767de453d87aadcd6c83a3d7a414e7ad40b3b91', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (6, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"10c687b95ac475493dd829db97b49af0","data":{"traces":[["I10",0],["E11.9",0],["I50.9",1]],"verdicts":[["supported",["asserted-present"],"rules"],["refuted",["negated"],"rules"]]},"event_id":"3c0b230b6dc30d1cc811d6a0227b5a2f","group":[2,8],"kind":"candidates.verified","seq":6,"ts_utc":"2026-05-04T08:00:00.000000Z"}', '\x74ce915f7efd71347d181d71e767de453d87aadcd6c83a3d7a414e7ad40b3b91', '\x4b2d8f07cb897c968d7cc91153832fce9dcbdef28b1870961f47319f56e17477', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (7, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"10c687b95ac475493dd829db97b49af0","data":{"encounter":[0],"excluded":[["I50.9","negated",[2]]],"findings":[["specificity","warning",["E11.9"],"guideline I.B.2","2026-04-01",["laterality"]]],"passes":[],"suggestions":[["I10",[0],0,0,[]],["E11.9",[1],1,0,[0]]],"unchecked":[]},"event_id":"b2cb03dc5fecd3e0e0215356b11d84ce","group":[2,8],"kind":"codes.validated","seq":7,"ts_utc":"2026-05-04T08:00:00.000000Z"}', '\x4b2d8f07cb897c968d7cc91153832fce9dcbdef28b1870961f47319f56e17477', '\x098923dd0c5bb76021a5a7bf976fdcf249c4a7980f1be9ddd9d0b0b258da2f0b', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (8, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"10c687b95ac475493dd829db97b49af0","data":{"lane":"review","lane_reasons":["route=review"],"parts":[["raises=score:0.8","lowers=status:1.3"],[]],"setting":"outpatient","suggestions":[["0.8765","confirm",["threshold=0.95"]],["0.5000","review",[]]]},"event_id":"2e4f9e13ea5e687dfd53e91222b20800","group":[2,8],"kind":"case.routed","seq":8,"ts_utc":"2026-05-04T08:00:00.000000Z"}', '\x098923dd0c5bb76021a5a7bf976fdcf249c4a7980f1be9ddd9d0b0b258da2f0b', '\x2f20d697e491d04fc1cdae2b88a026ac7bb814635afae0143d5713bf98fb1d47', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (9, '{"actor":{"id":"ada","kind":"person","role":"coder"},"blobs":[],"case_id":"10c687b95ac475493dd829db97b49af0","data":{"before":"open","code":"I10","reason":null},"event_id":"975d6164f7284c4be150cd9ef9598923","group":[9,9],"kind":"decision.accepted","seq":9,"ts_utc":"2026-05-04T08:00:01.000000Z"}', '\x2f20d697e491d04fc1cdae2b88a026ac7bb814635afae0143d5713bf98fb1d47', '\x715584c706bc2cb3fc8ee47bf54fa2f7e4f2b2364b86a1eb63b0564d9dd87179', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (10, '{"actor":{"id":"ada","kind":"person","role":"coder"},"blobs":[],"case_id":"10c687b95ac475493dd829db97b49af0","data":{"before":"open","code":"E11.9","reason":null},"event_id":"8e8d615605fc741ccdba2fd39ae34e9d","group":[10,10],"kind":"decision.rejected","seq":10,"ts_utc":"2026-05-04T08:00:02.000000Z"}', '\x715584c706bc2cb3fc8ee47bf54fa2f7e4f2b2364b86a1eb63b0564d9dd87179', '\xe2ba44e1bf74d68b638de1782a4e37bfc0ba53da3afda607ae6d1eec02cf325a', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (11, '{"actor":{"id":"ada","kind":"person","role":"coder"},"blobs":[],"case_id":"10c687b95ac475493dd829db97b49af0","data":{"undoes":10},"event_id":"7e826429150774653c906124fc3174b9","group":[11,11],"kind":"decision.undone","seq":11,"ts_utc":"2026-05-04T08:00:03.000000Z"}', '\xe2ba44e1bf74d68b638de1782a4e37bfc0ba53da3afda607ae6d1eec02cf325a', '\x274e480043d9afb4adf7757d68fc32136601ff99ac62aac9f957fcf0e39f39fb', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (12, '{"actor":{"id":"chartproof","kind":"program"},"blobs":["0f2b5939b7444403e38f5b405be9e026864a6fdc1c6e739a3dc53222ab16c87d","38d78002fa7274cbc7ae25e3f25e4c7178eaf191e0b2e461eb489b5debfa0b0e"],"case_id":"750774234906da467ad62cb242c747d8","data":{"account_id":"a-9","admitted":null,"age":"61.0000","assumed":["claim"],"claim":"professional","content":"4744609174dcdb088a8acee4d49c6f4082b7021edab714ccba0bbd48e476119f","discharged":null,"encounter_id":"e-1","header":"0f2b5939b7444403e38f5b405be9e026864a6fdc1c6e739a3dc53222ab16c87d","notes":[{"digest":"ede9bc6b0f24e7153a47e0e89371872038ca31b0e1d2f0694ce930903b711bf0","length":302,"status":"final","text":"38d78002fa7274cbc7ae25e3f25e4c7178eaf191e0b2e461eb489b5debfa0b0e"}],"patient_id":"p-77","revision":1,"service_date":"2026-05-04","setting":"outpatient","sex":"female"},"event_id":"1c57021ded84fc1c986bb60013c6c956","group":[12,18],"kind":"encounter.received","seq":12,"ts_utc":"2026-05-04T08:00:04.000000Z"}', '\x274e480043d9afb4adf7757d68fc32136601ff99ac62aac9f957fcf0e39f39fb', '\x1ccab420179c3d6c87de281cf820cb383a1fa05de22db4575f595e3494fa7617', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (13, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"750774234906da467ad62cb242c747d8","data":{"chat_model":"silent","code_version":"0.1.0","config_digest":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","index_digest":"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc","libraries":[["spacy","3.8.7"],["hnswlib","0.8.0"]],"model_digest":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","release":"2026-04-01","requested_by":{"id":"ada","kind":"person"},"rules_digest":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","scope":"reportable","sources":[],"taxonomy_digest":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","work":"cb949dcdabaf2ae0f04fb1bc41c50e24885153ae253ed4245d70fec4c3c32feb"},"event_id":"a5a6f44c8929d41cf57f244312a0fe07","group":[12,18],"kind":"analysis.started","seq":13,"ts_utc":"2026-05-04T08:00:04.000000Z"}', '\x1ccab420179c3d6c87de281cf820cb383a1fa05de22db4575f595e3494fa7617', '\x48c0c4f28d05ead49f8785fd44460ed22709442519e5be639114fccd09ceab75', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (14, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"750774234906da467ad62cb242c747d8","data":{"mentions":[[0,113,135,"assessment","present",null],[0,171,217,"assessment","present",null],[0,255,268,"assessment","negated",[0,240,254]]]},"event_id":"7dfe0fb0f2865172061676b0f220f123","group":[12,18],"kind":"evidence.extracted","seq":14,"ts_utc":"2026-05-04T08:00:04.000000Z"}', '\x48c0c4f28d05ead49f8785fd44460ed22709442519e5be639114fccd09ceab75', '\xef022e73990cde1d22502e229f4a20b4ab34858d2df30c47d052d3912e631b2b', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (15, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"750774234906da467ad62cb242c747d8","data":{"candidates":[["I10","0.9312",["dictionary","lexical"],["lexical=0.83"]],["I15.9","0.4100",["dense"],[]],["E11.9","1.0000",["dictionary"],[]]],"lists":[[0,1],[2],[]],"traces":[[0,0],[1,1],[2,2]]},"event_id":"d38a3f987b56ebfd70c716da703dc482","group":[12,18],"kind":"candidates.retrieved","seq":15,"ts_utc":"2026-05-04T08:00:04.000000Z"}', '\xef022e73990cde1d22502e229f4a20b4ab34858d2df30c47d052d3912e631b2b', '\x6e54b591d930acb378ab69a979ee02e4222b4064cd5f27c90a5c34265d6f4f89', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (16, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"750774234906da467ad62cb242c747d8","data":{"traces":[["I10",0],["E11.9",0],["I50.9",1]],"verdicts":[["supported",["asserted-present"],"rules"],["refuted",["negated"],"rules"]]},"event_id":"7deb3897d549b7913f178308e3580b34","group":[12,18],"kind":"candidates.verified","seq":16,"ts_utc":"2026-05-04T08:00:04.000000Z"}', '\x6e54b591d930acb378ab69a979ee02e4222b4064cd5f27c90a5c34265d6f4f89', '\x44a06165d0be5084e26ae5b86a4238a137b8846393b15ad1f0eb12ed888fe8af', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (17, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"750774234906da467ad62cb242c747d8","data":{"encounter":[0],"excluded":[["I50.9","negated",[2]]],"findings":[["specificity","warning",["E11.9"],"guideline I.B.2","2026-04-01",["laterality"]]],"passes":[],"suggestions":[["I10",[0],0,0,[]],["E11.9",[1],1,0,[0]]],"unchecked":[]},"event_id":"b05969d9e2ed9b61b4df41aaedb3130c","group":[12,18],"kind":"codes.validated","seq":17,"ts_utc":"2026-05-04T08:00:04.000000Z"}', '\x44a06165d0be5084e26ae5b86a4238a137b8846393b15ad1f0eb12ed888fe8af', '\x7532ea2f484cbecf9c647e56574982379654874daa7d3dcbac7a4015baeba4a2', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (18, '{"actor":{"id":"chartproof","kind":"program"},"blobs":[],"case_id":"750774234906da467ad62cb242c747d8","data":{"lane":"review","lane_reasons":["route=review"],"parts":[["raises=score:0.8","lowers=status:1.3"],[]],"setting":"outpatient","suggestions":[["0.8765","confirm",["threshold=0.95"]],["0.5000","review",[]]]},"event_id":"c03c290be64872ec5252f0c7c6b75422","group":[12,18],"kind":"case.routed","seq":18,"ts_utc":"2026-05-04T08:00:04.000000Z"}', '\x7532ea2f484cbecf9c647e56574982379654874daa7d3dcbac7a4015baeba4a2', '\xff4e93c3cafb131e378c427324d387a8ec1ad13273793d6e2efe8532baca5e12', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (19, '{"actor":{"id":"ada","kind":"person","role":"coder"},"blobs":[],"case_id":"750774234906da467ad62cb242c747d8","data":{"before":"open","code":"I10","reason":null},"event_id":"77288b30a63abdbf6437a6155e95dec9","group":[19,19],"kind":"decision.rejected","seq":19,"ts_utc":"2026-05-04T08:00:05.000000Z"}', '\xff4e93c3cafb131e378c427324d387a8ec1ad13273793d6e2efe8532baca5e12', '\xc691fceffcc7198712602c07f8d29e356b9463fb8fb53ffa12377c0cb8f10de9', DEFAULT, DEFAULT, DEFAULT);
INSERT INTO chartproof.audit_event VALUES (20, '{"actor":{"id":"chartproof","kind":"program"},"blobs":["9854b27b9e1749ca510feb54e365b50cf63aa1d3ef6643066b7b387ca272913a","9092a09e7f54ac6988014b76d790cbf531025cbd0b5597b142201695e51587a8"],"case_id":"b9d7957fd13342055813cc651da44140","data":{"count":1,"errors":"9092a09e7f54ac6988014b76d790cbf531025cbd0b5597b142201695e51587a8","reason":"unreadable","requested_by":{"id":"ada","kind":"person"},"source":"9854b27b9e1749ca510feb54e365b50cf63aa1d3ef6643066b7b387ca272913a","work":"589b950f45120580b225eb59fbde45e898e0bf2f4535549e6c6baf8e770dd9cb"},"event_id":"ad8675a437f2ade78e0ecf3600df0475","group":[20,20],"kind":"input.refused","seq":20,"ts_utc":"2026-05-04T08:00:06.000000Z"}', '\xc691fceffcc7198712602c07f8d29e356b9463fb8fb53ffa12377c0cb8f10de9', '\x16b752787e1b34451e23a0dea72be803c91041bd1c980363d2d5a0d079b1119b', DEFAULT, DEFAULT, DEFAULT);


--
-- Data for Name: blob; Type: TABLE DATA; Schema: chartproof; Owner: owner
--

INSERT INTO chartproof.blob VALUES ('1aa1c0d770b4cbd44ee30d525cd0b20f576b34b0f01ca8235ad4669809550334', '\xca1d42291d2fc9a12638c6ae66106277440929ce76e77899fb6fe5fb13278496c47a07216a23f69f34d9187231aa9129', '\x401bbb8922c629a87841b561983c09546c8d0cc8c4fa9d865d82909b22e4f4a29f0406d31a89a687f4c8436ea16ca5f8beda8a04b206df4e744b39bf660e86fcdf971235719988717962f1f96b972ecb21f8bb19eb6059b07f62044914fcf8e8dba0b212fd286bfad776beedc794ab13c7e1b16e0a9d5e427e05bea3c8cd0be50973e4a310ef71c01a3253969b4810484ad5e3211a8ab566d0bf23f31d2dab79993be5b87848a9f586de2cd2cfe72091e7');
INSERT INTO chartproof.blob VALUES ('5f185af12c3f5a4ab26ab25751593e75305e35bdefde6e9fca59e63b80898a90', '\x7bcdd6c5951018a9a8f81fe4582d97c9ee6ac03aa08d01d812dcfe67b81eb9087ebbdfaad61badfbefd824d6c927df6e', '\x1fc3ef7e1a1ea3fd8f51360e788260d8e0fa6fcacd3f19d52429c0438d9abecae9a24a8aaf7134c0337c5b9db32c2f105a96afee73444327e8c66dbe8cd348bdb7278ec586ce88d323bf9548d09d44dd49f9ad326baff076a13c1d79454f52b756afa8c67c6987f7d4c6785676ef29d65031eff83536bf4f9a91ae0a465a55e627a1f09cd13b8d10c7570286c655de923d3b8b42eacc143dfdd98c80bc58bb8c82dd47d9d7730cd65cf5b6b65f41888e6270df863c92711a14326f18469ac83fa0baa298c74aa1cb391a642245c862e5afab22215e844ab0c49ab4aaf2bf9ff9637da4433c89bc5709d4954283741a943f3dbe5ec9cc8056c7bcf7ca9fac4ce0e0859ebcb312945f6491809b34d58d7ac1f9c2e7d0c33b9659467c3a32f552fce59b2f17ed50954179eb6407e5c401f8fb51888cd8edc24db8b553209e5f');
INSERT INTO chartproof.blob VALUES ('0f2b5939b7444403e38f5b405be9e026864a6fdc1c6e739a3dc53222ab16c87d', '\x4b46cb0fe72636ba2e0a89be0d047f7af4fe86ede81bc88aa6a9521f94d72a9cb34c8f1f036f2319d60af01864a572e8', '\x0d5360e7f0b9f40be94bb825bc5f464d9f2c521e77518f8c1227ebe6712c937a93f501bcfdf1deff53e0f179aa37cf9e32fb2c11e6958ad3d62ae1f8c9fda6895249a923be11cc0f16a25530e94ee3e26efcafed403aa45328b7c3a43c3fdbc1fce4e0196b2bd8eefd6cd58cb7b265c8f1af0fee31fb4433eb1150b38c29d2ad3b442df47b97201d27f5dced375930dbfa7d21cab8d7df95f656ca8429e233dd31359bd8b1e4ed447d0eb43755bd0877b4');
INSERT INTO chartproof.blob VALUES ('38d78002fa7274cbc7ae25e3f25e4c7178eaf191e0b2e461eb489b5debfa0b0e', '\xaf608be0cadedfc390ebe8fd09edbb06833234112c1d8d980da11c7023b72f37f9cdb0e7b6f2b8395f19705b1a59024d', '\x22c95fafbd8560e787a3073b706621694b709e33b75af5df258df64ef0bca6234f5c56a837fe38c001f110b712d22f732cf5b9f4a41aaea955ed677156a312f51ae7290d2003ddd903d0faedf8977502b4a6818f666c648db0b01fc9f0cd03417cb6bd6a7b8f454c3c8448baa2384b30df21015b01b0d8e7f6ded7ccb6f53b59205c85835bfaf197ecb795ec2e5ea83e33058735ebeb7d8391999880ee3dbdfa862b1be3298a1130357c4dc59daab8a129e8ec2dde857bb608463bd8308bb23636a634c4ba5d10058b97e29e50e151a5dcc1c37e3cfa43fb8b1ff24655689376cf382a40ce6b171e6466717c94c7f4117e663783a586c5d5a45456232cd002ee2fbdc8e45ae8aa7addc9480ae94fb20439a0b1a23f5a95b08b9395cd29d0d5de8e02a56d38311608749eaccb4981b1c1880ed145cac038576b6134fe56fc');
INSERT INTO chartproof.blob VALUES ('9092a09e7f54ac6988014b76d790cbf531025cbd0b5597b142201695e51587a8', '\xad6e6a0189ed5649d5efa1cc28442513336e49617caef56f91aab650c5774cd4a021df942210ee00cb0ebc06370a00ab', '\xbf6ad3242ee782cad08ba6a9cb03bee51f893dcdb4320b515635b7a5ca49676a18506a44ce69dcdf0da05ace38');
INSERT INTO chartproof.blob VALUES ('9854b27b9e1749ca510feb54e365b50cf63aa1d3ef6643066b7b387ca272913a', '\x47e6671ba3cd32793d9ab8eea6a6c2815f083bd75b0ff6712e0a3410069528d006b0fef7691be6ce9555c72937f61d95', '\x6bd901c56845071fc56eb1b8b37890f1f021ca72fc');


--
-- Data for Name: case_row; Type: TABLE DATA; Schema: chartproof; Owner: owner
--

INSERT INTO chartproof.case_row VALUES ('10c687b95ac475493dd829db97b49af0', '46e94bc20f452f715add18705f8bd3bb3c1123', 2, 10, '2026-05-04T08:00:03.000000Z', 'review', 'open', 'route=review', 'outpatient', 1, 2, 1, 'i10 e11.9', '5c72180b631874e664ff0f75b3441033c6b360190a425ebb935d254a7d5e1317708d3e1253cc0b7a68cd711e66eea89a56a6b316ac76556b');
INSERT INTO chartproof.case_row VALUES ('750774234906da467ad62cb242c747d8', '78df8cfaa9d960e0f869f2c9b86cb313f57401', 12, 8, '2026-05-04T08:00:05.000000Z', 'review', 'open', 'route=review', 'outpatient', 1, 2, 1, 'i10 e11.9', '3a2b496a6a09b22965c6ecef0823908cdd092a8ce63c72019427b7c7ae7a026b7dce52f1021b15cb360980657b62762a305d5fd00d0fea38');
INSERT INTO chartproof.case_row VALUES ('b9d7957fd13342055813cc651da44140', '1adb712f58d8200355f4d1d7c2f92e855d534a5810', 20, 1, '2026-05-04T08:00:06.000000Z', 'review', 'failed', 'unreadable', '', 0, 0, 0, '', '6bd9787739889e11378ed4feaa7dc9bc998e1439281e95');


--
-- Data for Name: permit; Type: TABLE DATA; Schema: chartproof; Owner: owner
--

INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'session.unlocked');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'poa.set');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'checkpoint.issued');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'clock.changed');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'chat.answered');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'decision.rejected');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'decision.asserted');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'candidates.retrieved');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'decision.undone');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'text.copied');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'codes.ordered');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'decision.replaced');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'codes.validated');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'session.started');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'case.reopened');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'case.submitted');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'decision.redone');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'signing.refused');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'audit.verified');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'case.signed');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'decision.accepted');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'candidates.verified');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'analysis.failed');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'chat.asked');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'evidence.attached');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'signer.registered');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'case.routed');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'encounter.received');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'query.written');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'evidence.extracted');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'input.refused');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'case.viewed');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'session.locked');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'analysis.started');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'case.held');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'comment.added');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'person.enrolled');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'session.ended');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'note.viewed');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'case.resumed');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'cases.searched');
INSERT INTO chartproof.permit VALUES ('chartproof_coder', 'decision.added');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'session.unlocked');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'poa.set');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'checkpoint.issued');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'record.exported');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'clock.changed');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'chat.answered');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'decision.rejected');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'decision.asserted');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'candidates.retrieved');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'decision.undone');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'text.copied');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'codes.ordered');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'decision.replaced');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'codes.validated');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'session.started');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'case.reopened');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'case.submitted');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'decision.redone');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'signing.refused');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'audit.verified');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'case.signed');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'decision.accepted');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'candidates.verified');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'analysis.failed');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'chat.asked');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'evidence.attached');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'signer.registered');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'case.routed');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'encounter.received');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'query.written');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'evidence.extracted');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'input.refused');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'case.viewed');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'session.locked');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'analysis.started');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'case.held');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'comment.added');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'person.enrolled');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'session.ended');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'note.viewed');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'case.resumed');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'cases.searched');
INSERT INTO chartproof.permit VALUES ('chartproof_reviewer', 'decision.added');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'history.replayed');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'session.unlocked');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'clock.changed');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'record.exported');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'hold.placed');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'text.copied');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'session.started');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'texts.disposed');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'signing.refused');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'audit.verified');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'signer.registered');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'case.viewed');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'session.locked');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'person.enrolled');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'session.ended');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'note.viewed');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'retention.set');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'backup.made');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'hold.lifted');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'cases.searched');
INSERT INTO chartproof.permit VALUES ('chartproof_compliance', 'checkpoint.issued');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'prompt.activated');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'store.restored');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'session.unlocked');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'person.enrolled');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'signer.registered');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'checkpoint.issued');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'session.started');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'session.ended');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'chat.allowed');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'signing.refused');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'clock.changed');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'backup.made');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'audit.verified');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'chat.forbidden');
INSERT INTO chartproof.permit VALUES ('chartproof_admin', 'session.locked');


--
-- Data for Name: store; Type: TABLE DATA; Schema: chartproof; Owner: owner
--

INSERT INTO chartproof.store VALUES (1, 1, 'c2caa5f507ca6c5e688f8297ac59aaf6', '\xc0bd2b6118ea273a739b6634d6a6dc4c48691b5037aed1e511a8d3c26a4e25e822f9a9d00bf8d186343a351ab78b38a2');


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


