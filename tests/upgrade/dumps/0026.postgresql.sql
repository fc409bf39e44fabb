CREATE FUNCTION public.ledger_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
CREATE TABLE public.accounts (
    account_id bigint NOT NULL,
    username text NOT NULL,
    display_name text NOT NULL,
    role text NOT NULL,
    password_hash text NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    language text DEFAULT 'fr'::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT accounts_language_ck CHECK ((language = ANY (ARRAY['fr'::text, 'en'::text]))),
    CONSTRAINT accounts_role_ck CHECK ((role = ANY (ARRAY['operator'::text, 'supervisor'::text, 'campaign_manager'::text, 'compliance'::text, 'administrator'::text])))
);
CREATE SEQUENCE public.accounts_account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.accounts_account_id_seq OWNED BY public.accounts.account_id;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.attempts (
    attempt_id text NOT NULL,
    campaign_id bigint NOT NULL,
    list_id bigint NOT NULL,
    lead_id bigint NOT NULL,
    permit_id text NOT NULL,
    recording_id text NOT NULL,
    number text NOT NULL,
    caller_id text NOT NULL,
    trunk text NOT NULL,
    state text DEFAULT 'permitted'::text NOT NULL,
    outcome text,
    operator_id bigint,
    seat smallint,
    hangup_cause smallint DEFAULT 0 NOT NULL,
    tech_cause text DEFAULT ''::text NOT NULL,
    trunk_channel text DEFAULT ''::text NOT NULL,
    result text,
    started_at timestamp with time zone NOT NULL,
    rang_at timestamp with time zone,
    early_media_at timestamp with time zone,
    answered_at timestamp with time zone,
    connected_at timestamp with time zone,
    ended_at timestamp with time zone,
    is_recorded boolean DEFAULT false NOT NULL,
    legal_basis text DEFAULT '{}'::text NOT NULL,
    guaranteed_to bigint,
    bucket text DEFAULT ''::text NOT NULL,
    person text DEFAULT ''::text NOT NULL,
    CONSTRAINT attempts_ended_has_outcome_ck CHECK (((state = 'ended'::text) = (outcome IS NOT NULL))),
    CONSTRAINT attempts_ended_has_time_ck CHECK (((state = 'ended'::text) = (ended_at IS NOT NULL))),
    CONSTRAINT attempts_outcome_ck CHECK ((outcome = ANY (ARRAY['answered'::text, 'abandoned'::text, 'busy'::text, 'no_answer'::text, 'withdrawn'::text, 'machine'::text, 'failed'::text, 'carrier_failed'::text, 'refused'::text, 'interrupted'::text]))),
    CONSTRAINT attempts_result_ck CHECK ((result = ANY (ARRAY['complete'::text, 'call_back'::text, 'not_today'::text, 'no_more_calls'::text, 'wrong_person'::text, 'machine'::text, 'other'::text]))),
    CONSTRAINT attempts_state_ck CHECK ((state = ANY (ARRAY['permitted'::text, 'dialling'::text, 'at_gate'::text, 'ringing'::text, 'answered'::text, 'connected'::text, 'ended'::text])))
);
CREATE TABLE public.call_events (
    event_id bigint NOT NULL,
    attempt_id text NOT NULL,
    kind text NOT NULL,
    at timestamp with time zone NOT NULL,
    details text NOT NULL
);
CREATE SEQUENCE public.call_events_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.call_events_event_id_seq OWNED BY public.call_events.event_id;
CREATE TABLE public.callbacks (
    callback_id bigint NOT NULL,
    campaign_id bigint NOT NULL,
    lead_id bigint NOT NULL,
    attempt_id text NOT NULL,
    at timestamp with time zone NOT NULL,
    zone text NOT NULL,
    operator_id bigint,
    anyone_from timestamp with time zone NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    set_at timestamp with time zone NOT NULL,
    priority smallint NOT NULL,
    CONSTRAINT callbacks_state_ck CHECK ((state = ANY (ARRAY['open'::text, 'made'::text, 'cancelled'::text])))
);
CREATE SEQUENCE public.callbacks_callback_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.callbacks_callback_id_seq OWNED BY public.callbacks.callback_id;
CREATE TABLE public.campaigns (
    campaign_id bigint NOT NULL,
    name text NOT NULL,
    client_company text NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    caller_id text NOT NULL,
    trunk text NOT NULL,
    abandon_cap double precision NOT NULL,
    wrap_up_s integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    trunk_share integer DEFAULT 0 NOT NULL,
    more_routes text DEFAULT '[]'::text NOT NULL,
    sector text DEFAULT 'general'::text NOT NULL,
    detects_machines boolean DEFAULT false NOT NULL,
    mode text DEFAULT 'progressive'::text NOT NULL,
    power_tenths smallint DEFAULT 15 NOT NULL,
    withdraw_after_s smallint DEFAULT 0 NOT NULL,
    call_order text DEFAULT 'list'::text NOT NULL,
    shown_name text DEFAULT 'full'::text NOT NULL,
    first_sentence text DEFAULT ''::text NOT NULL,
    CONSTRAINT campaigns_abandon_cap_ck CHECK (((abandon_cap >= (0)::double precision) AND (abandon_cap <= (0.03)::double precision))),
    CONSTRAINT campaigns_kind_ck CHECK ((kind = ANY (ARRAY['survey'::text, 'existing_contract'::text, 'consumer_prospecting'::text, 'b2b'::text]))),
    CONSTRAINT campaigns_state_ck CHECK ((state = ANY (ARRAY['ready'::text, 'running'::text, 'paused'::text, 'stopped'::text])))
);
CREATE SEQUENCE public.campaigns_campaign_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.campaigns_campaign_id_seq OWNED BY public.campaigns.campaign_id;
CREATE TABLE public.incidents (
    incident_id bigint NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    closed_by text,
    close_reason text,
    explained_by text,
    typed_by text,
    explained_at timestamp with time zone
);
CREATE SEQUENCE public.incidents_incident_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.incidents_incident_id_seq OWNED BY public.incidents.incident_id;
CREATE TABLE public.key_allowances (
    allowance_id bigint NOT NULL,
    campaign_id bigint NOT NULL,
    reason text NOT NULL,
    author text NOT NULL,
    most smallint NOT NULL,
    valid_until timestamp with time zone,
    added_at timestamp with time zone NOT NULL,
    approved_by text,
    approved_at timestamp with time zone,
    withdrawn_by text,
    withdrawn_at timestamp with time zone,
    withdrawal_reason text,
    CONSTRAINT key_allowances_approval_ck CHECK (((approved_by IS NULL) = (approved_at IS NULL))),
    CONSTRAINT key_allowances_second_person_ck CHECK ((approved_by <> author)),
    CONSTRAINT key_allowances_withdrawal_ck CHECK (((withdrawn_by IS NULL) = (withdrawn_at IS NULL)))
);
CREATE SEQUENCE public.key_allowances_allowance_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.key_allowances_allowance_id_seq OWNED BY public.key_allowances.allowance_id;
CREATE TABLE public.law_exemptions (
    exemption_id bigint NOT NULL,
    law text NOT NULL,
    campaign_id bigint,
    valid_from timestamp with time zone NOT NULL,
    valid_until timestamp with time zone NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    reason text NOT NULL,
    approved_by text DEFAULT ''::text NOT NULL,
    approved_at timestamp with time zone,
    ended_by text DEFAULT ''::text NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT law_exemptions_dates_ck CHECK ((valid_until > valid_from)),
    CONSTRAINT law_exemptions_second_person_ck CHECK ((approved_by <> asked_by))
);
CREATE SEQUENCE public.law_exemptions_exemption_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.law_exemptions_exemption_id_seq OWNED BY public.law_exemptions.exemption_id;
CREATE TABLE public.leads (
    lead_id bigint NOT NULL,
    list_id bigint NOT NULL,
    campaign_id bigint NOT NULL,
    number text NOT NULL,
    name text NOT NULL,
    fields text NOT NULL,
    "row" integer NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    priority smallint DEFAULT 5 NOT NULL,
    not_before timestamp with time zone,
    tries smallint DEFAULT 0 NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    numbers text,
    terms text,
    clock text DEFAULT ''::text NOT NULL,
    bucket text DEFAULT ''::text NOT NULL,
    client_key text DEFAULT ''::text NOT NULL,
    CONSTRAINT leads_state_ck CHECK ((state = ANY (ARRAY['waiting'::text, 'claimed'::text, 'done'::text, 'refused'::text])))
);
CREATE SEQUENCE public.leads_lead_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.leads_lead_id_seq OWNED BY public.leads.lead_id;
CREATE TABLE public.ledger (
    sequence bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL
);
CREATE TABLE public.listenings (
    listening_id bigint NOT NULL,
    recording_id text NOT NULL,
    account_id bigint,
    reason text,
    reference text NOT NULL,
    note text NOT NULL,
    refused text NOT NULL,
    address text NOT NULL,
    at timestamp with time zone NOT NULL,
    kind text DEFAULT 'listened'::text NOT NULL,
    CONSTRAINT listenings_reason_ck CHECK ((reason = ANY (ARRAY['complaint'::text, 'check'::text, 'incident'::text, 'persons_request'::text])))
);
CREATE SEQUENCE public.listenings_listening_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.listenings_listening_id_seq OWNED BY public.listenings.listening_id;
CREATE TABLE public.lists (
    list_id bigint NOT NULL,
    campaign_id bigint NOT NULL,
    name text NOT NULL,
    file_sha256 text NOT NULL,
    rows_read integer DEFAULT 0 NOT NULL,
    accepted integer DEFAULT 0 NOT NULL,
    rejected integer DEFAULT 0 NOT NULL,
    duplicates integer DEFAULT 0 NOT NULL,
    loaded_at timestamp with time zone NOT NULL,
    loaded_by text NOT NULL,
    state text NOT NULL,
    touched_at timestamp with time zone NOT NULL,
    approved_by text,
    withdrawn_by text,
    withdrawal_reason text,
    approved_at timestamp with time zone,
    withdrawn_at timestamp with time zone,
    share smallint DEFAULT 0 NOT NULL,
    paused_by text,
    paused_at timestamp with time zone,
    CONSTRAINT lists_rows_add_up_ck CHECK ((rows_read = ((accepted + rejected) + duplicates))),
    CONSTRAINT lists_state_ck CHECK ((state = ANY (ARRAY['loading'::text, 'loaded'::text])))
);
CREATE SEQUENCE public.lists_list_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.lists_list_id_seq OWNED BY public.lists.list_id;
CREATE TABLE public.locks (
    lock_id bigint NOT NULL,
    scope text NOT NULL,
    target text NOT NULL,
    by text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL,
    ends_calls boolean NOT NULL,
    released_by text,
    released_at timestamp with time zone,
    release_reason text,
    CONSTRAINT locks_scope_ck CHECK ((scope = ANY (ARRAY['site'::text, 'campaign'::text, 'seat'::text])))
);
CREATE SEQUENCE public.locks_lock_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.locks_lock_id_seq OWNED BY public.locks.lock_id;
CREATE TABLE public.number_rules (
    rule_id bigint NOT NULL,
    effect text NOT NULL,
    kind text NOT NULL,
    digits text NOT NULL,
    reason text NOT NULL,
    author text NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_until timestamp with time zone,
    scope text NOT NULL,
    target text NOT NULL,
    length smallint,
    is_immediate boolean DEFAULT false NOT NULL,
    added_at timestamp with time zone NOT NULL,
    approved_by text,
    approved_at timestamp with time zone,
    withdrawal_asked_by text,
    withdrawal_reason text,
    withdrawn_by text,
    withdrawn_at timestamp with time zone,
    CONSTRAINT number_rules_approval_ck CHECK (((approved_by IS NULL) = (approved_at IS NULL))),
    CONSTRAINT number_rules_dates_ck CHECK ((valid_until > valid_from)),
    CONSTRAINT number_rules_effect_ck CHECK ((effect = ANY (ARRAY['allow'::text, 'deny'::text]))),
    CONSTRAINT number_rules_kind_ck CHECK ((kind = ANY (ARRAY['prefix'::text, 'exact'::text]))),
    CONSTRAINT number_rules_scope_ck CHECK ((scope = ANY (ARRAY['site'::text, 'trunk'::text, 'campaign'::text]))),
    CONSTRAINT number_rules_second_person_ck CHECK ((approved_by <> author)),
    CONSTRAINT number_rules_withdrawal_ck CHECK (((withdrawn_by IS NULL) = (withdrawn_at IS NULL)))
);
CREATE SEQUENCE public.number_rules_rule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.number_rules_rule_id_seq OWNED BY public.number_rules.rule_id;
CREATE TABLE public.operators (
    operator_id bigint NOT NULL,
    account_id bigint NOT NULL,
    name text NOT NULL,
    seat smallint NOT NULL,
    CONSTRAINT operators_seat_ck CHECK (((seat >= 1) AND (seat <= 999)))
);
CREATE SEQUENCE public.operators_operator_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.operators_operator_id_seq OWNED BY public.operators.operator_id;
CREATE TABLE public.opposition_lists (
    list_id bigint NOT NULL,
    name text NOT NULL,
    client_company text DEFAULT ''::text NOT NULL,
    file_sha256 text NOT NULL,
    entries integer DEFAULT 0 NOT NULL,
    loaded_at timestamp with time zone NOT NULL,
    loaded_by text NOT NULL,
    withdrawn_at timestamp with time zone
);
CREATE SEQUENCE public.opposition_lists_list_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.opposition_lists_list_id_seq OWNED BY public.opposition_lists.list_id;
CREATE TABLE public.opposition_numbers (
    key text NOT NULL,
    list_id bigint NOT NULL
);
CREATE TABLE public.opposition_withdrawals (
    withdrawal_id bigint NOT NULL,
    list_id bigint NOT NULL,
    entry text DEFAULT ''::text NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    reason text NOT NULL,
    approved_by text DEFAULT ''::text NOT NULL,
    approved_at timestamp with time zone,
    dropped_by text DEFAULT ''::text NOT NULL,
    dropped_at timestamp with time zone,
    CONSTRAINT opposition_withdrawals_second_person_ck CHECK ((approved_by <> asked_by))
);
CREATE SEQUENCE public.opposition_withdrawals_withdrawal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.opposition_withdrawals_withdrawal_id_seq OWNED BY public.opposition_withdrawals.withdrawal_id;
CREATE TABLE public.permits (
    permit_id text NOT NULL,
    gate text NOT NULL,
    state text NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    rule text DEFAULT ''::text NOT NULL,
    CONSTRAINT permits_life_ck CHECK ((expires_at > issued_at)),
    CONSTRAINT permits_state_ck CHECK ((state = ANY (ARRAY['issued'::text, 'used'::text, 'void'::text])))
);
CREATE TABLE public.previews (
    preview_id bigint NOT NULL,
    campaign_id bigint NOT NULL,
    lead_id bigint NOT NULL,
    operator_id bigint NOT NULL,
    offered_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ending text,
    reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT previews_ended_has_ending_ck CHECK (((ending IS NULL) = (ended_at IS NULL))),
    CONSTRAINT previews_ending_ck CHECK ((ending = ANY (ARRAY['called'::text, 'skipped'::text, 'expired'::text, 'taken_back'::text])))
);
CREATE SEQUENCE public.previews_preview_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.previews_preview_id_seq OWNED BY public.previews.preview_id;
CREATE TABLE public.quotas (
    quota_id bigint NOT NULL,
    campaign_id bigint NOT NULL,
    cell text NOT NULL,
    target integer NOT NULL,
    completed integer DEFAULT 0 NOT NULL
);
CREATE SEQUENCE public.quotas_quota_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.quotas_quota_id_seq OWNED BY public.quotas.quota_id;
CREATE TABLE public.recording_steps (
    recording_id text NOT NULL,
    step text NOT NULL,
    detail text NOT NULL,
    CONSTRAINT recording_steps_step_ck CHECK ((step = ANY (ARRAY['incident'::text, 'tones'::text, 'discard'::text])))
);
CREATE TABLE public.recordings (
    recording_id text NOT NULL,
    attempt_id text NOT NULL,
    campaign_id bigint NOT NULL,
    campaign text NOT NULL,
    list_id bigint NOT NULL,
    lead_id bigint NOT NULL,
    operator_id bigint,
    operator text NOT NULL,
    seat smallint,
    number text NOT NULL,
    last2 text NOT NULL,
    last4 text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    ended_at timestamp with time zone NOT NULL,
    path text,
    length_s double precision,
    before_answer_s double precision,
    sha256 text,
    size bigint,
    channels smallint,
    operator_s double precision,
    called_s double precision,
    CONSTRAINT recordings_file_has_digest_ck CHECK (((path IS NULL) = (sha256 IS NULL)))
);
CREATE TABLE public.rejected_rows (
    list_id bigint NOT NULL,
    "row" integer NOT NULL,
    reason text NOT NULL,
    text text NOT NULL,
    "values" text NOT NULL,
    is_duplicate boolean DEFAULT false NOT NULL
);
CREATE TABLE public.retry_plans (
    campaign_id bigint NOT NULL,
    plan text NOT NULL
);
CREATE TABLE public.seats (
    seat smallint NOT NULL,
    operator_id bigint,
    channel text NOT NULL,
    state text NOT NULL,
    attempt_id text,
    since_at timestamp with time zone NOT NULL,
    CONSTRAINT seats_state_ck CHECK ((state = ANY (ARRAY['offline'::text, 'ready'::text, 'absent'::text, 'preview'::text, 'reserved'::text, 'talking'::text, 'wrap_up'::text, 'paused'::text])))
);
CREATE TABLE public.sessions (
    token_sha256 text NOT NULL,
    account_id bigint NOT NULL,
    form_token text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);
CREATE TABLE public.tallies (
    campaign_id bigint NOT NULL,
    kind text NOT NULL,
    word text NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT tallies_kind_ck CHECK ((kind = ANY (ARRAY['lead'::text, 'outcome'::text, 'result'::text])))
);
CREATE TABLE public.whitelist_changes (
    version bigint NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.whitelist_changes_version_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.whitelist_changes_version_seq OWNED BY public.whitelist_changes.version;
ALTER TABLE ONLY public.accounts ALTER COLUMN account_id SET DEFAULT nextval('public.accounts_account_id_seq'::regclass);
ALTER TABLE ONLY public.call_events ALTER COLUMN event_id SET DEFAULT nextval('public.call_events_event_id_seq'::regclass);
ALTER TABLE ONLY public.callbacks ALTER COLUMN callback_id SET DEFAULT nextval('public.callbacks_callback_id_seq'::regclass);
ALTER TABLE ONLY public.campaigns ALTER COLUMN campaign_id SET DEFAULT nextval('public.campaigns_campaign_id_seq'::regclass);
ALTER TABLE ONLY public.incidents ALTER COLUMN incident_id SET DEFAULT nextval('public.incidents_incident_id_seq'::regclass);
ALTER TABLE ONLY public.key_allowances ALTER COLUMN allowance_id SET DEFAULT nextval('public.key_allowances_allowance_id_seq'::regclass);
ALTER TABLE ONLY public.law_exemptions ALTER COLUMN exemption_id SET DEFAULT nextval('public.law_exemptions_exemption_id_seq'::regclass);
ALTER TABLE ONLY public.leads ALTER COLUMN lead_id SET DEFAULT nextval('public.leads_lead_id_seq'::regclass);
ALTER TABLE ONLY public.listenings ALTER COLUMN listening_id SET DEFAULT nextval('public.listenings_listening_id_seq'::regclass);
ALTER TABLE ONLY public.lists ALTER COLUMN list_id SET DEFAULT nextval('public.lists_list_id_seq'::regclass);
ALTER TABLE ONLY public.locks ALTER COLUMN lock_id SET DEFAULT nextval('public.locks_lock_id_seq'::regclass);
ALTER TABLE ONLY public.number_rules ALTER COLUMN rule_id SET DEFAULT nextval('public.number_rules_rule_id_seq'::regclass);
ALTER TABLE ONLY public.operators ALTER COLUMN operator_id SET DEFAULT nextval('public.operators_operator_id_seq'::regclass);
ALTER TABLE ONLY public.opposition_lists ALTER COLUMN list_id SET DEFAULT nextval('public.opposition_lists_list_id_seq'::regclass);
ALTER TABLE ONLY public.opposition_withdrawals ALTER COLUMN withdrawal_id SET DEFAULT nextval('public.opposition_withdrawals_withdrawal_id_seq'::regclass);
ALTER TABLE ONLY public.previews ALTER COLUMN preview_id SET DEFAULT nextval('public.previews_preview_id_seq'::regclass);
ALTER TABLE ONLY public.quotas ALTER COLUMN quota_id SET DEFAULT nextval('public.quotas_quota_id_seq'::regclass);
ALTER TABLE ONLY public.whitelist_changes ALTER COLUMN version SET DEFAULT nextval('public.whitelist_changes_version_seq'::regclass);
INSERT INTO public.accounts VALUES (1, 'poste1', 'Poste 1', 'operator', 'hash', true, 'fr', '2026-11-20 14:00:00+00');
INSERT INTO public.accounts VALUES (2, 'poste2', 'Poste 2', 'operator', 'hash', true, 'fr', '2026-11-20 14:00:00+00');
INSERT INTO public.accounts VALUES (3, 'poste3', 'Poste 3', 'operator', 'hash', true, 'fr', '2026-11-20 14:00:00+00');
INSERT INTO public.accounts VALUES (4, 'poste4', 'Poste 4', 'operator', 'hash', true, 'fr', '2026-11-20 14:00:00+00');
INSERT INTO public.accounts VALUES (5, 'poste5', 'Poste 5', 'operator', 'hash', true, 'fr', '2026-11-20 14:00:00+00');
INSERT INTO public.accounts VALUES (6, 'poste6', 'Poste 6', 'operator', 'hash', true, 'fr', '2026-11-20 14:00:00+00');
INSERT INTO public.alembic_version VALUES ('0026');
INSERT INTO public.attempts VALUES ('6513270e-269e-4d37-b2a7-4de452e6b438', 1, 1, 1, 'p774658141645831455937699655902531627', 'd23f0824-128b-4f33-8c5c-7fd0a6a3a450', '33199000000', '33199009999', 'carrier', 'ended', 'answered', 3, 3, 16, '', 'gate-2', 'call_back', '2026-11-20 14:00:00+00', NULL, NULL, '2026-11-20 14:00:00.01+00', '2026-11-20 14:00:00.01+00', '2026-11-20 14:00:02.01+00', true, '{}', NULL, 'landline', 'lead:1');
INSERT INTO public.attempts VALUES ('36f675cc-81e7-4ef5-a8e2-5d940ed90475', 2, 2, 14, 'p732467380301574846790679763687181199', '6b0d549b-6f03-475a-9600-a35a099950d8', '33199000100', '33199009999', 'carrier', 'ended', 'busy', NULL, NULL, 17, 'SIP 486', 'gate-4', NULL, '2026-11-20 14:00:00+00', NULL, NULL, NULL, NULL, '2026-11-20 14:00:05.01+00', true, '{"basis":"consent","consent_at":"2026-11-17T14:00:00+00:00","consent_source":"form","consent_text_version":"v1","consent_proof":"id 7","zone":"Europe/Paris"}', NULL, 'landline', 'lead:14');
INSERT INTO public.attempts VALUES ('90c192cf-d3ac-44af-8f21-ddb66cad4a26', 4, 4, 24, 'p082228766570242806050310458754168501', 'a170b338-3926-4059-b28c-105d1fb17c23', '33199000300', '33199009999', 'carrier', 'connected', NULL, 4, 4, 0, '', 'gate-6', NULL, '2026-11-20 14:00:00+00', NULL, NULL, '2026-11-20 14:00:05.01+00', '2026-11-20 14:00:05.01+00', NULL, false, '{}', NULL, 'landline', 'lead:24');
INSERT INTO public.attempts VALUES ('0cb1e29c-658c-4a14-95e6-0af593bd04cf', 1, 1, 13, 'p557131352551243386252225922438829771', '8e81973e-0bec-47b0-b898-d190f9ebdacc', '33199000900', '33199009999', 'carrier', 'at_gate', NULL, NULL, NULL, 0, '', 'gate-8', NULL, '2026-11-20 14:00:05.01+00', NULL, NULL, NULL, NULL, NULL, false, '{"basis":"consent","consent_at":"2026-11-17T14:00:00+00:00","consent_source":"form","consent_text_version":"v1","consent_proof":"id 7","zone":"Europe/Paris"}', NULL, 'landline', 'lead:13');
INSERT INTO public.attempts VALUES ('92276658-1e27-41c0-8a6a-63ec24ede6a4', 2, 2, 15, 'p759260878420898034337616728454075787', 'ae97ba94-d0ed-482f-8f6d-05584ef8aa38', '33199000101', '33199009999', 'carrier', 'at_gate', NULL, NULL, NULL, 0, '', 'gate-10', NULL, '2026-11-20 14:00:06+00', NULL, NULL, NULL, NULL, NULL, false, '{"basis":"consent","consent_at":"2026-11-17T14:00:00+00:00","consent_source":"form","consent_text_version":"v1","consent_proof":"id 7","zone":"Europe/Paris"}', NULL, 'landline', 'lead:15');
INSERT INTO public.call_events VALUES (1, '6513270e-269e-4d37-b2a7-4de452e6b438', 'Originated', '2026-11-20 14:00:00+00', '{}');
INSERT INTO public.call_events VALUES (2, '36f675cc-81e7-4ef5-a8e2-5d940ed90475', 'Originated', '2026-11-20 14:00:00+00', '{}');
INSERT INTO public.call_events VALUES (3, '90c192cf-d3ac-44af-8f21-ddb66cad4a26', 'Originated', '2026-11-20 14:00:00+00', '{}');
INSERT INTO public.call_events VALUES (4, '6513270e-269e-4d37-b2a7-4de452e6b438', 'PermitUsed', '2026-11-20 14:00:00+00', '{}');
INSERT INTO public.call_events VALUES (5, '6513270e-269e-4d37-b2a7-4de452e6b438', 'TrunkLegBegan', '2026-11-20 14:00:00+00', '{"channel":"gate-2"}');
INSERT INTO public.call_events VALUES (6, '36f675cc-81e7-4ef5-a8e2-5d940ed90475', 'PermitUsed', '2026-11-20 14:00:00+00', '{}');
INSERT INTO public.call_events VALUES (7, '36f675cc-81e7-4ef5-a8e2-5d940ed90475', 'TrunkLegBegan', '2026-11-20 14:00:00+00', '{"channel":"gate-4"}');
INSERT INTO public.call_events VALUES (8, '90c192cf-d3ac-44af-8f21-ddb66cad4a26', 'PermitUsed', '2026-11-20 14:00:00+00', '{}');
INSERT INTO public.call_events VALUES (9, '90c192cf-d3ac-44af-8f21-ddb66cad4a26', 'TrunkLegBegan', '2026-11-20 14:00:00+00', '{"channel":"gate-6"}');
INSERT INTO public.call_events VALUES (10, '6513270e-269e-4d37-b2a7-4de452e6b438', 'PersonAnswered', '2026-11-20 14:00:00.01+00', '{}');
INSERT INTO public.call_events VALUES (11, '6513270e-269e-4d37-b2a7-4de452e6b438', 'OperatorChosen', '2026-11-20 14:00:00.01+00', '{"operator":3,"seat":3}');
INSERT INTO public.call_events VALUES (12, '6513270e-269e-4d37-b2a7-4de452e6b438', 'OperatorConnected', '2026-11-20 14:00:00.01+00', '{}');
INSERT INTO public.call_events VALUES (13, '6513270e-269e-4d37-b2a7-4de452e6b438', 'TrunkLegEnded', '2026-11-20 14:00:02.01+00', '{"cause":16,"tech_cause":""}');
INSERT INTO public.call_events VALUES (14, '6513270e-269e-4d37-b2a7-4de452e6b438', 'CustomerLegEnded', '2026-11-20 14:00:02.01+00', '{"cause":16}');
INSERT INTO public.call_events VALUES (15, '36f675cc-81e7-4ef5-a8e2-5d940ed90475', 'TrunkLegEnded', '2026-11-20 14:00:05.01+00', '{"cause":17,"tech_cause":"SIP 486"}');
INSERT INTO public.call_events VALUES (16, '36f675cc-81e7-4ef5-a8e2-5d940ed90475', 'OriginateGivenUp', '2026-11-20 14:00:05.01+00', '{}');
INSERT INTO public.call_events VALUES (17, '36f675cc-81e7-4ef5-a8e2-5d940ed90475', 'CustomerLegEnded', '2026-11-20 14:00:05.01+00', '{"cause":17}');
INSERT INTO public.call_events VALUES (18, '90c192cf-d3ac-44af-8f21-ddb66cad4a26', 'PersonAnswered', '2026-11-20 14:00:05.01+00', '{}');
INSERT INTO public.call_events VALUES (19, '90c192cf-d3ac-44af-8f21-ddb66cad4a26', 'OperatorChosen', '2026-11-20 14:00:05.01+00', '{"operator":4,"seat":4}');
INSERT INTO public.call_events VALUES (20, '90c192cf-d3ac-44af-8f21-ddb66cad4a26', 'OperatorConnected', '2026-11-20 14:00:05.01+00', '{}');
INSERT INTO public.call_events VALUES (21, '0cb1e29c-658c-4a14-95e6-0af593bd04cf', 'Originated', '2026-11-20 14:00:05.01+00', '{}');
INSERT INTO public.call_events VALUES (22, '0cb1e29c-658c-4a14-95e6-0af593bd04cf', 'PermitUsed', '2026-11-20 14:00:05.01+00', '{}');
INSERT INTO public.call_events VALUES (23, '0cb1e29c-658c-4a14-95e6-0af593bd04cf', 'TrunkLegBegan', '2026-11-20 14:00:05.01+00', '{"channel":"gate-8"}');
INSERT INTO public.call_events VALUES (24, '92276658-1e27-41c0-8a6a-63ec24ede6a4', 'Originated', '2026-11-20 14:00:06+00', '{}');
INSERT INTO public.call_events VALUES (25, '92276658-1e27-41c0-8a6a-63ec24ede6a4', 'PermitUsed', '2026-11-20 14:00:06+00', '{}');
INSERT INTO public.call_events VALUES (26, '92276658-1e27-41c0-8a6a-63ec24ede6a4', 'TrunkLegBegan', '2026-11-20 14:00:06+00', '{"channel":"gate-10"}');
INSERT INTO public.callbacks VALUES (1, 1, 1, '6513270e-269e-4d37-b2a7-4de452e6b438', '2026-11-20 15:00:05.01+00', 'Europe/Paris', 3, '2026-11-20 16:00:05.01+00', 'open', '2026-11-20 14:00:05.01+00', 5);
INSERT INTO public.campaigns VALUES (1, 'Survey', 'Example SA', 'survey', 'running', '33199009999', 'carrier', 0.03, 40, '2026-11-20 14:00:00+00', 0, '[]', 'general', true, 'progressive', 15, 0, 'list', 'full', '');
INSERT INTO public.campaigns VALUES (2, 'Learned', 'Example SA', 'survey', 'running', '33199009999', 'carrier', 0.03, 40, '2026-11-20 14:00:00+00', 0, '[]', 'general', false, 'progressive', 15, 25, 'learned', 'full', '');
INSERT INTO public.campaigns VALUES (3, 'Seen first', 'Example SA', 'survey', 'running', '33199009999', 'carrier', 0.03, 40, '2026-11-20 14:00:00+00', 0, '[]', 'general', false, 'preview', 15, 0, 'list', 'full', '');
INSERT INTO public.campaigns VALUES (4, 'Ahead', 'Example SA', 'survey', 'running', '33199009999', 'carrier', 0.03, 40, '2026-11-20 14:00:00+00', 0, '[]', 'general', false, 'predictive', 15, 0, 'list', 'full', '');
INSERT INTO public.campaigns VALUES (5, 'Stays', 'Example SA', 'survey', 'running', '33199009999', 'carrier', 0.03, 40, '2026-11-20 14:00:00+00', 0, '[]', 'general', false, 'progressive', 15, 0, 'list', 'full', '');
INSERT INTO public.incidents VALUES (1, 'trunk_failing', 'spare', 'text', '2026-11-20 14:00:10.01+00', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.key_allowances VALUES (1, 1, 'codes', 'author', 3, '2026-11-22 14:00:00+00', '2026-11-20 14:00:00+00', 'second', '2026-11-20 14:00:00+00', NULL, NULL, NULL);
INSERT INTO public.law_exemptions VALUES (1, 'calling_days', 1, '2026-11-20 14:00:00+00', '2026-11-21 14:00:00+00', 'author', '2026-11-20 14:00:00+00', 'an open day', 'second', '2026-11-20 14:00:00+00', '', NULL);
INSERT INTO public.leads VALUES (1, 1, 1, '33199000000', 'Person 0', '{}', 2, 'waiting', 10, '2026-11-20 15:00:05.01+00', 1, 'callback', NULL, NULL, '33', 'landline 3p', '');
INSERT INTO public.leads VALUES (2, 1, 1, '33199000001', 'Person 1', '{}', 3, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (3, 1, 1, '33199000002', 'Person 2', '{}', 4, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (4, 1, 1, '33199000003', 'Person 3', '{}', 5, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (5, 1, 1, '33199000004', 'Person 4', '{}', 6, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (6, 1, 1, '33199000005', 'Person 5', '{}', 7, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (7, 1, 1, '33199000006', 'Person 6', '{}', 8, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (8, 1, 1, '33199000007', 'Person 7', '{}', 9, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (9, 1, 1, '33199000008', 'Person 8', '{}', 10, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (10, 1, 1, '33199000009', 'Person 9', '{}', 11, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (11, 1, 1, '33199000010', 'Person 10', '{}', 12, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (12, 1, 1, '33199000011', 'Person 11', '{}', 13, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (13, 1, 1, '33199000900', 'Two', '{"town":"A"}', 2, 'claimed', 5, NULL, 0, '', '["33199000900","33199000901"]', '{"basis":"consent","consent_at":"2026-11-17T14:00:00+00:00","consent_source":"form","consent_text_version":"v1","consent_proof":"id 7","zone":"Europe/Paris"}', '33|Europe/Paris', 'landline', '');
INSERT INTO public.leads VALUES (14, 2, 2, '33199000100', 'Person 100', '{}', 102, 'done', 5, NULL, 1, 'busy', NULL, '{"basis":"consent","consent_at":"2026-11-17T14:00:00+00:00","consent_source":"form","consent_text_version":"v1","consent_proof":"id 7","zone":"Europe/Paris"}', '33|Europe/Paris', 'landline 3n', '');
INSERT INTO public.leads VALUES (15, 2, 2, '33199000101', 'Person 101', '{}', 103, 'claimed', 5, NULL, 0, '', NULL, '{"basis":"consent","consent_at":"2026-11-17T14:00:00+00:00","consent_source":"form","consent_text_version":"v1","consent_proof":"id 7","zone":"Europe/Paris"}', '33|Europe/Paris', 'landline', '');
INSERT INTO public.leads VALUES (16, 2, 2, '33199000102', 'Person 102', '{}', 104, 'waiting', 5, NULL, 0, '', NULL, '{"basis":"consent","consent_at":"2026-11-17T14:00:00+00:00","consent_source":"form","consent_text_version":"v1","consent_proof":"id 7","zone":"Europe/Paris"}', '33|Europe/Paris', 'landline', '');
INSERT INTO public.leads VALUES (17, 2, 2, '33199000103', 'Person 103', '{}', 105, 'waiting', 5, NULL, 0, '', NULL, '{"basis":"consent","consent_at":"2026-11-17T14:00:00+00:00","consent_source":"form","consent_text_version":"v1","consent_proof":"id 7","zone":"Europe/Paris"}', '33|Europe/Paris', 'landline', '');
INSERT INTO public.leads VALUES (18, 2, 2, '33199000104', 'Person 104', '{}', 106, 'waiting', 5, NULL, 0, '', NULL, '{"basis":"consent","consent_at":"2026-11-17T14:00:00+00:00","consent_source":"form","consent_text_version":"v1","consent_proof":"id 7","zone":"Europe/Paris"}', '33|Europe/Paris', 'landline', '');
INSERT INTO public.leads VALUES (19, 2, 2, '33199000105', 'Person 105', '{}', 107, 'waiting', 5, NULL, 0, '', NULL, '{"basis":"consent","consent_at":"2026-11-17T14:00:00+00:00","consent_source":"form","consent_text_version":"v1","consent_proof":"id 7","zone":"Europe/Paris"}', '33|Europe/Paris', 'landline', '');
INSERT INTO public.leads VALUES (20, 2, 2, '33199000106', 'Person 106', '{}', 108, 'waiting', 5, NULL, 0, '', NULL, '{"basis":"consent","consent_at":"2026-11-17T14:00:00+00:00","consent_source":"form","consent_text_version":"v1","consent_proof":"id 7","zone":"Europe/Paris"}', '33|Europe/Paris', 'landline', '');
INSERT INTO public.leads VALUES (21, 2, 2, '33199000107', 'Person 107', '{}', 109, 'waiting', 5, NULL, 0, '', NULL, '{"basis":"consent","consent_at":"2026-11-17T14:00:00+00:00","consent_source":"form","consent_text_version":"v1","consent_proof":"id 7","zone":"Europe/Paris"}', '33|Europe/Paris', 'landline', '');
INSERT INTO public.leads VALUES (22, 3, 3, '33199000200', 'Person 200', '{}', 202, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (23, 3, 3, '33199000201', 'Person 201', '{}', 203, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (24, 4, 4, '33199000300', 'Person 300', '{}', 302, 'claimed', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (25, 4, 4, '33199000301', 'Person 301', '{}', 303, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (26, 4, 4, '33199000302', 'Person 302', '{}', 304, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (27, 4, 4, '33199000303', 'Person 303', '{}', 305, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (28, 4, 4, '33199000304', 'Person 304', '{}', 306, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (29, 4, 4, '33199000305', 'Person 305', '{}', 307, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (30, 5, 5, '33199000400', 'Person 400', '{}', 402, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (31, 5, 5, '33199000401', 'Person 401', '{}', 403, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (32, 5, 5, '33199000402', 'Person 402', '{}', 404, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (33, 5, 5, '33199000403', 'Person 403', '{}', 405, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (34, 5, 5, '33199000404', 'Person 404', '{}', 406, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (35, 5, 5, '33199000405', 'Person 405', '{}', 407, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (36, 5, 5, '33199000406', 'Person 406', '{}', 408, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (37, 5, 5, '33199000407', 'Person 407', '{}', 409, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (38, 5, 5, '33199000408', 'Person 408', '{}', 410, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (39, 5, 5, '33199000409', 'Person 409', '{}', 411, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (40, 5, 5, '33199000410', 'Person 410', '{}', 412, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (41, 5, 5, '33199000411', 'Person 411', '{}', 413, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (42, 5, 5, '33199000412', 'Person 412', '{}', 414, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (43, 5, 5, '33199000413', 'Person 413', '{}', 415, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (44, 5, 5, '33199000414', 'Person 414', '{}', 416, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (45, 5, 5, '33199000415', 'Person 415', '{}', 417, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (46, 5, 5, '33199000416', 'Person 416', '{}', 418, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (47, 5, 5, '33199000417', 'Person 417', '{}', 419, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (48, 5, 5, '33199000418', 'Person 418', '{}', 420, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.leads VALUES (49, 5, 5, '33199000419', 'Person 419', '{}', 421, 'waiting', 5, NULL, 0, '', NULL, NULL, '33', 'landline', '');
INSERT INTO public.ledger VALUES (1, '2026-11-20 14:00:00+00', 'account_added', '1', '{"role":"operator"}', '0000000000000000000000000000000000000000000000000000000000000000', 'f97b7f0ccd01f2295cff73e8d420736b7675783df856d88be32d8fa23a38eaf1');
INSERT INTO public.ledger VALUES (2, '2026-11-20 14:00:00+00', 'account_added', '2', '{"role":"operator"}', 'f97b7f0ccd01f2295cff73e8d420736b7675783df856d88be32d8fa23a38eaf1', '662ecc3ca69dcf7c455a34e6b733f676690d46becda25e70da06261dc0800b68');
INSERT INTO public.ledger VALUES (3, '2026-11-20 14:00:00+00', 'account_added', '3', '{"role":"operator"}', '662ecc3ca69dcf7c455a34e6b733f676690d46becda25e70da06261dc0800b68', '566a0dcb1e2d7c8e1aad1d39d9878ddabffb560f42515b40dd455fe14ae8ab1e');
INSERT INTO public.ledger VALUES (4, '2026-11-20 14:00:00+00', 'account_added', '4', '{"role":"operator"}', '566a0dcb1e2d7c8e1aad1d39d9878ddabffb560f42515b40dd455fe14ae8ab1e', '707c7535ede5ebe3cd64fbec802c10f79b4ea771698f820d96b1f347e98ee8fe');
INSERT INTO public.ledger VALUES (5, '2026-11-20 14:00:00+00', 'account_added', '5', '{"role":"operator"}', '707c7535ede5ebe3cd64fbec802c10f79b4ea771698f820d96b1f347e98ee8fe', '319ed1eee3e2d719d2c57e54fe9ea0a2f707d971e38cfb9fd356168021dc11c6');
INSERT INTO public.ledger VALUES (6, '2026-11-20 14:00:00+00', 'account_added', '6', '{"role":"operator"}', '319ed1eee3e2d719d2c57e54fe9ea0a2f707d971e38cfb9fd356168021dc11c6', 'f110db972d88720d3fb26ea524f1de73774848a13c3fbb861115f6a71369c469');
INSERT INTO public.ledger VALUES (7, '2026-11-20 14:00:00+00', 'campaign_added', '1', '{"by":"test","kind":"survey","caller_id":"33199009999","trunk":"carrier","more_routes":"[]"}', 'f110db972d88720d3fb26ea524f1de73774848a13c3fbb861115f6a71369c469', 'adb28b99296f9a224498497fd9feb4c7761bfe8a89f52f59fd5d11fcdac9faae');
INSERT INTO public.ledger VALUES (8, '2026-11-20 14:00:00+00', 'list_loaded', '1', '{"rows_read":13,"accepted":13,"rejected":0,"duplicates":0,"campaign":1,"file_sha256":"abababababababababababababababababababababababababababababababab","by":"test"}', 'adb28b99296f9a224498497fd9feb4c7761bfe8a89f52f59fd5d11fcdac9faae', '16a8a0ed386721f4edf3cfa84a95dffc9090ca2107fea08ac8eba6231506c9e8');
INSERT INTO public.ledger VALUES (9, '2026-11-20 14:00:00+00', 'list_approved', '1', '{"campaign":1,"by":"second","loaded_by":"test","accepted":13,"file_sha256":"abababababababababababababababababababababababababababababababab"}', '16a8a0ed386721f4edf3cfa84a95dffc9090ca2107fea08ac8eba6231506c9e8', '563421543fbc554831606e9441a57ff3e708567dff4bfac759560dd09970171c');
INSERT INTO public.ledger VALUES (10, '2026-11-20 14:00:00+00', 'campaign_moved', '1', '{"by":"test","from":"ready","to":"running"}', '563421543fbc554831606e9441a57ff3e708567dff4bfac759560dd09970171c', '8b489c8ce4eb4bda280f7d431d7f5da2d8732d92e460c1b7288eaf24a73f646f');
INSERT INTO public.ledger VALUES (11, '2026-11-20 14:00:00+00', 'campaign_added', '2', '{"by":"test","kind":"survey","caller_id":"33199009999","trunk":"carrier","more_routes":"[]"}', '8b489c8ce4eb4bda280f7d431d7f5da2d8732d92e460c1b7288eaf24a73f646f', 'b5467d1875e10a7ae1ef7cd2cb532e2d03cb3723cb5d65e9a885ed12795e72e7');
INSERT INTO public.ledger VALUES (12, '2026-11-20 14:00:00+00', 'list_loaded', '2', '{"rows_read":8,"accepted":8,"rejected":0,"duplicates":0,"campaign":2,"file_sha256":"abababababababababababababababababababababababababababababababab","by":"test"}', 'b5467d1875e10a7ae1ef7cd2cb532e2d03cb3723cb5d65e9a885ed12795e72e7', '1f0bbdccd4df8411f1c6183f78ccb3af36f57fd16b4b40a3f9b3f1aa457cefd6');
INSERT INTO public.ledger VALUES (13, '2026-11-20 14:00:00+00', 'list_approved', '2', '{"campaign":2,"by":"second","loaded_by":"test","accepted":8,"file_sha256":"abababababababababababababababababababababababababababababababab"}', '1f0bbdccd4df8411f1c6183f78ccb3af36f57fd16b4b40a3f9b3f1aa457cefd6', '7059bbd85fc03751cc1eedfc995b8bca23b93189f05da84554433d5bf8d3145b');
INSERT INTO public.ledger VALUES (14, '2026-11-20 14:00:00+00', 'campaign_moved', '2', '{"by":"test","from":"ready","to":"running"}', '7059bbd85fc03751cc1eedfc995b8bca23b93189f05da84554433d5bf8d3145b', 'e2c5c8a44a0eaa9848a12d0974602de8807269638aef25bfc8d6b8e0ee97dd2c');
INSERT INTO public.ledger VALUES (15, '2026-11-20 14:00:00+00', 'campaign_added', '3', '{"by":"test","kind":"survey","caller_id":"33199009999","trunk":"carrier","more_routes":"[]"}', 'e2c5c8a44a0eaa9848a12d0974602de8807269638aef25bfc8d6b8e0ee97dd2c', '63f75acd661145b2d34798b280852f3d92079a9cdca9cef1335fe304fc17e3ba');
INSERT INTO public.ledger VALUES (16, '2026-11-20 14:00:00+00', 'list_loaded', '3', '{"rows_read":2,"accepted":2,"rejected":0,"duplicates":0,"campaign":3,"file_sha256":"abababababababababababababababababababababababababababababababab","by":"test"}', '63f75acd661145b2d34798b280852f3d92079a9cdca9cef1335fe304fc17e3ba', '7953b3fc200d5133fffca3b100f7b0210b9ba603fd7d4a6784abab81b83d33bc');
INSERT INTO public.ledger VALUES (17, '2026-11-20 14:00:00+00', 'list_approved', '3', '{"campaign":3,"by":"second","loaded_by":"test","accepted":2,"file_sha256":"abababababababababababababababababababababababababababababababab"}', '7953b3fc200d5133fffca3b100f7b0210b9ba603fd7d4a6784abab81b83d33bc', '440944f0dc0c353f0af2f0f6cc66d2eb46e85431049414709452f11689d4d1e3');
INSERT INTO public.ledger VALUES (18, '2026-11-20 14:00:00+00', 'campaign_moved', '3', '{"by":"test","from":"ready","to":"running"}', '440944f0dc0c353f0af2f0f6cc66d2eb46e85431049414709452f11689d4d1e3', '378d7970f69efe51f333b01067ebfc148766f6c3470af9d8d6a5fad38c668037');
INSERT INTO public.ledger VALUES (19, '2026-11-20 14:00:00+00', 'campaign_added', '4', '{"by":"test","kind":"survey","caller_id":"33199009999","trunk":"carrier","more_routes":"[]"}', '378d7970f69efe51f333b01067ebfc148766f6c3470af9d8d6a5fad38c668037', 'baefbf210c53dd2e122009a15a0265da7dda40a836b1b08a8cde96398f3c85ca');
INSERT INTO public.ledger VALUES (20, '2026-11-20 14:00:00+00', 'list_loaded', '4', '{"rows_read":6,"accepted":6,"rejected":0,"duplicates":0,"campaign":4,"file_sha256":"abababababababababababababababababababababababababababababababab","by":"test"}', 'baefbf210c53dd2e122009a15a0265da7dda40a836b1b08a8cde96398f3c85ca', '737882593aaaf5229033d4f557631cf554ebd5c4e534b2d2f8da5eb68de0d465');
INSERT INTO public.ledger VALUES (21, '2026-11-20 14:00:00+00', 'list_approved', '4', '{"campaign":4,"by":"second","loaded_by":"test","accepted":6,"file_sha256":"abababababababababababababababababababababababababababababababab"}', '737882593aaaf5229033d4f557631cf554ebd5c4e534b2d2f8da5eb68de0d465', '1162c696bb0c0bfe64e6ba862ce5cd4002008afa21db10963fe579a2de619161');
INSERT INTO public.ledger VALUES (22, '2026-11-20 14:00:00+00', 'campaign_moved', '4', '{"by":"test","from":"ready","to":"running"}', '1162c696bb0c0bfe64e6ba862ce5cd4002008afa21db10963fe579a2de619161', '14f54528077e9d418dbe6a6f0372d7884728dd140014411def83e43678e7d70b');
INSERT INTO public.ledger VALUES (23, '2026-11-20 14:00:00+00', 'campaign_added', '5', '{"by":"test","kind":"survey","caller_id":"33199009999","trunk":"carrier","more_routes":"[]"}', '14f54528077e9d418dbe6a6f0372d7884728dd140014411def83e43678e7d70b', 'c7ea2e9ca1cd0feacc48f6ab07254f9ed0e3b029783f1ddb2d5479c7059892a7');
INSERT INTO public.ledger VALUES (24, '2026-11-20 14:00:00+00', 'list_loaded', '5', '{"rows_read":20,"accepted":20,"rejected":0,"duplicates":0,"campaign":5,"file_sha256":"abababababababababababababababababababababababababababababababab","by":"test"}', 'c7ea2e9ca1cd0feacc48f6ab07254f9ed0e3b029783f1ddb2d5479c7059892a7', '700e57cdaa15d78578d00bc46dc99859e6718fffb6f3b157eb28e920e0a90e4a');
INSERT INTO public.ledger VALUES (25, '2026-11-20 14:00:00+00', 'list_approved', '5', '{"campaign":5,"by":"second","loaded_by":"test","accepted":20,"file_sha256":"abababababababababababababababababababababababababababababababab"}', '700e57cdaa15d78578d00bc46dc99859e6718fffb6f3b157eb28e920e0a90e4a', 'e00cae6555bcc3cc99bd4df6eb1a76f229ff132dca88d7399e4ab90b02b64cb6');
INSERT INTO public.ledger VALUES (26, '2026-11-20 14:00:00+00', 'campaign_moved', '5', '{"by":"test","from":"ready","to":"running"}', 'e00cae6555bcc3cc99bd4df6eb1a76f229ff132dca88d7399e4ab90b02b64cb6', '4f9fbf73ed5f32396fb74d06abc75185f65f790e534082c9447a37fa0e391122');
INSERT INTO public.ledger VALUES (27, '2026-11-20 14:00:00+00', 'campaign_call_order_set', '2', '{"by":"test","from":"list","to":"learned"}', '4f9fbf73ed5f32396fb74d06abc75185f65f790e534082c9447a37fa0e391122', 'db3165e2f72288aab2cc15d48706b0ac7987908f83cdd85e5ab5445f8a79d1a9');
INSERT INTO public.ledger VALUES (28, '2026-11-20 14:00:00+00', 'campaign_withdrawing', '2', '{"by":"test","from_s":0,"to_s":25}', 'db3165e2f72288aab2cc15d48706b0ac7987908f83cdd85e5ab5445f8a79d1a9', 'b25de60c55ea4f23e5d54ecc4aa54f93c9e27f95854fed16df96ec5f1a4ebf00');
INSERT INTO public.ledger VALUES (29, '2026-11-20 14:00:00+00', 'campaign_detecting', '1', '{"by":"test","from":false,"to":true}', 'b25de60c55ea4f23e5d54ecc4aa54f93c9e27f95854fed16df96ec5f1a4ebf00', '78bc373715c01a4d8b3bd473d52d4f09614f8c6489b4ccd4a20db85a3f5317b1');
INSERT INTO public.ledger VALUES (30, '2026-11-20 14:00:00+00', 'quota_set', '1', '{"by":"test","campaign":1,"cell":"{\"town\":\"A\"}","target":3}', '78bc373715c01a4d8b3bd473d52d4f09614f8c6489b4ccd4a20db85a3f5317b1', 'fae7bcd6e805da8ab9e44022ccacd42361a0b2bbd7278bfedf86d0fa25a2e9f3');
INSERT INTO public.ledger VALUES (31, '2026-11-20 14:00:00+00', 'keys_asked_for', 'campaign 1', '{"by":"author","reason":"codes","most":3,"until":"2026-11-22T14:00:00+00:00"}', 'fae7bcd6e805da8ab9e44022ccacd42361a0b2bbd7278bfedf86d0fa25a2e9f3', '5530f1b943d5396903251a35a9bd1e8d95ef289aaf3718cc8e356be9602bd88e');
INSERT INTO public.ledger VALUES (32, '2026-11-20 14:00:00+00', 'keys_allowed', 'campaign 1', '{"by":"second","author":"author","reason":"codes","most":3}', '5530f1b943d5396903251a35a9bd1e8d95ef289aaf3718cc8e356be9602bd88e', '75c4a76e8c17b3eaa1146b30c5898278f74d8dfd4ee03ff7d3b7a4f2f41f0386');
INSERT INTO public.ledger VALUES (33, '2026-11-20 14:00:00+00', 'rule_added', '43', '{"effect":"deny","kind":"exact","digits":null,"scope":"site","target":"","by":"author","reason":"asked"}', '75c4a76e8c17b3eaa1146b30c5898278f74d8dfd4ee03ff7d3b7a4f2f41f0386', 'c999e963df50693ba25a2d317d5666c994a21e80cfa4aff9748069c1369dade8');
INSERT INTO public.ledger VALUES (34, '2026-11-20 14:00:00+00', 'exemption_asked', '1', '{"rule":"calling_days","campaign":1,"by":"author","reason":"an open day","from":"2026-11-20T14:00:00+00:00","until":"2026-11-21T14:00:00+00:00","asked_by":"author"}', 'c999e963df50693ba25a2d317d5666c994a21e80cfa4aff9748069c1369dade8', 'bb04ee600c828f9ad39f1d8284d97cf2fa0545fe295d1cdc94736df5fdd56c7f');
INSERT INTO public.ledger VALUES (35, '2026-11-20 14:00:00+00', 'exemption_approved', '1', '{"rule":"calling_days","campaign":1,"by":"second","reason":"an open day","from":"2026-11-20T14:00:00+00:00","until":"2026-11-21T14:00:00+00:00","asked_by":"author"}', 'bb04ee600c828f9ad39f1d8284d97cf2fa0545fe295d1cdc94736df5fdd56c7f', '58710b331d663f76790f4c98d0ae1b404e85d7890172b50cc29a444a0c5d6779');
INSERT INTO public.ledger VALUES (36, '2026-11-20 14:00:00+00', 'opposition_loaded', '1', '{"name":"bloctel","client_company":"","entries":1,"by":"author","file_sha256":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"}', '58710b331d663f76790f4c98d0ae1b404e85d7890172b50cc29a444a0c5d6779', 'd48e69c5c0248f1dc222eb410aee0035fc80862ed04de10ffeb0c88009aa513a');
INSERT INTO public.ledger VALUES (37, '2026-11-20 14:00:00+00', 'opposition_withdrawal_asked', '1', '{"list":1,"what":"entry","by":"author","asked_by":"author","reason":"a mistake"}', 'd48e69c5c0248f1dc222eb410aee0035fc80862ed04de10ffeb0c88009aa513a', 'ae6a2fcc2af96b8cd024e7a5e1d21acfe7abda1976a08b1015f468e297384630');
INSERT INTO public.ledger VALUES (38, '2026-11-20 14:00:00+00', 'lead_offered', '1', '{"campaign":3,"lead":22,"operator":1}', 'ae6a2fcc2af96b8cd024e7a5e1d21acfe7abda1976a08b1015f468e297384630', 'a44dacfc5a6c046099abe5cd72ced292a3964c10b02d2625f6c1c28f85d3b1c7');
INSERT INTO public.ledger VALUES (39, '2026-11-20 14:00:00+00', 'lead_offered', '2', '{"campaign":3,"lead":23,"operator":2}', 'a44dacfc5a6c046099abe5cd72ced292a3964c10b02d2625f6c1c28f85d3b1c7', 'bb9853a6cca34ff00ce4fb66fe0258f13982b41224c03dd5506c16855edb89a7');
INSERT INTO public.ledger VALUES (40, '2026-11-20 14:00:00+00', 'permit_given', 'p774658141645831455937699655902531627', '{"attempt":"6513270e-269e-4d37-b2a7-4de452e6b438","recording":"d23f0824-128b-4f33-8c5c-7fd0a6a3a450","campaign":1,"list":1,"lead":1,"caller_id":"33199009999","trunk":"carrier","gate":"gate","expires_at":"2026-11-20T14:00:10+00:00","basis":""}', 'bb9853a6cca34ff00ce4fb66fe0258f13982b41224c03dd5506c16855edb89a7', 'fad2988d667dcbf9ed0fb89d3d9ccd43b02e8d71ec15d4ccee308246f3e9ebcb');
INSERT INTO public.ledger VALUES (41, '2026-11-20 14:00:00+00', 'permit_given', 'p732467380301574846790679763687181199', '{"attempt":"36f675cc-81e7-4ef5-a8e2-5d940ed90475","recording":"6b0d549b-6f03-475a-9600-a35a099950d8","campaign":2,"list":2,"lead":14,"caller_id":"33199009999","trunk":"carrier","gate":"gate","expires_at":"2026-11-20T14:00:10+00:00","basis":"consent"}', 'fad2988d667dcbf9ed0fb89d3d9ccd43b02e8d71ec15d4ccee308246f3e9ebcb', '0e7e6488c77361d16b0d2516cfcf00d6cfc8a6e8d332345d17b2a9af91737960');
INSERT INTO public.ledger VALUES (42, '2026-11-20 14:00:00+00', 'permit_given', 'p082228766570242806050310458754168501', '{"attempt":"90c192cf-d3ac-44af-8f21-ddb66cad4a26","recording":"a170b338-3926-4059-b28c-105d1fb17c23","campaign":4,"list":4,"lead":24,"caller_id":"33199009999","trunk":"carrier","gate":"gate","expires_at":"2026-11-20T14:00:10+00:00","basis":""}', '0e7e6488c77361d16b0d2516cfcf00d6cfc8a6e8d332345d17b2a9af91737960', 'b4510d79c4331c4385f1d802fcb49b693cf56ec13f025a3b791f94ffe317d5dd');
INSERT INTO public.ledger VALUES (43, '2026-11-20 14:00:00+00', 'permit_used', 'p774658141645831455937699655902531627', '{"gate":"gate"}', 'b4510d79c4331c4385f1d802fcb49b693cf56ec13f025a3b791f94ffe317d5dd', 'de9f84b15825201863ce550e38270da5c6ed48a2fcb10daa692ffdcfcaa4043d');
INSERT INTO public.ledger VALUES (44, '2026-11-20 14:00:00+00', 'permit_used', 'p732467380301574846790679763687181199', '{"gate":"gate"}', 'de9f84b15825201863ce550e38270da5c6ed48a2fcb10daa692ffdcfcaa4043d', 'd98cc3b1e3af000fc5e927d9b22026bf3ea704542f3532b8b6b35576e347049a');
INSERT INTO public.ledger VALUES (45, '2026-11-20 14:00:00+00', 'permit_used', 'p082228766570242806050310458754168501', '{"gate":"gate"}', 'd98cc3b1e3af000fc5e927d9b22026bf3ea704542f3532b8b6b35576e347049a', '9b32721d660aa8992a1a2a5802b5eec8f535c02421906f378cf8aa3a76226015');
INSERT INTO public.ledger VALUES (46, '2026-11-20 14:00:02.01+00', 'attempt_ended', '6513270e-269e-4d37-b2a7-4de452e6b438', '{"outcome":"answered","operator":3,"cause":16}', '9b32721d660aa8992a1a2a5802b5eec8f535c02421906f378cf8aa3a76226015', '10cad0693073909000438fbb98988faf545c3c87269661d0e8b550dce15ce4a7');
INSERT INTO public.ledger VALUES (47, '2026-11-20 14:00:02.01+00', 'recording_kept', 'd23f0824-128b-4f33-8c5c-7fd0a6a3a450', '{"attempt":"6513270e-269e-4d37-b2a7-4de452e6b438","campaign":1,"operator":3,"length_s":2.0,"size":1,"sha256":"abababababababababababababababababababababababababababababababab","operator_s":2.0,"called_s":2.0}', '10cad0693073909000438fbb98988faf545c3c87269661d0e8b550dce15ce4a7', '1bbc43d80edb14373615a8e58d705da491988bccd56504e25506d6db38f18d7e');
INSERT INTO public.ledger VALUES (48, '2026-11-20 14:00:05.01+00', 'result_chosen', '6513270e-269e-4d37-b2a7-4de452e6b438', '{"result":"call_back","replaced":null,"lead":1,"operator":1}', '1bbc43d80edb14373615a8e58d705da491988bccd56504e25506d6db38f18d7e', '912bd54edcff049dcd88b76db86f85d72f1c9e438e96b30c290dd627274c04c5');
INSERT INTO public.ledger VALUES (49, '2026-11-20 14:00:05.01+00', 'callback_set', '1', '{"lead":1,"at":"2026-11-20T15:00:05.010000+00:00","operator":3}', '912bd54edcff049dcd88b76db86f85d72f1c9e438e96b30c290dd627274c04c5', '1f52e7d3b439e7b86d9097200f3cfb21a1dc8b56cc7991ffc9e07507b1473d96');
INSERT INTO public.ledger VALUES (50, '2026-11-20 14:00:05.01+00', 'attempt_ended', '36f675cc-81e7-4ef5-a8e2-5d940ed90475', '{"outcome":"busy","operator":null,"cause":17}', '1f52e7d3b439e7b86d9097200f3cfb21a1dc8b56cc7991ffc9e07507b1473d96', '567f1f934cb29f5bf6331f2ebfd71bc0f1648c93383b008a81a228b265aed69c');
INSERT INTO public.ledger VALUES (51, '2026-11-20 14:00:05.01+00', 'recording_kept', '6b0d549b-6f03-475a-9600-a35a099950d8', '{"attempt":"36f675cc-81e7-4ef5-a8e2-5d940ed90475","campaign":2,"operator":null,"length_s":null,"size":null,"sha256":null,"operator_s":null,"called_s":null}', '567f1f934cb29f5bf6331f2ebfd71bc0f1648c93383b008a81a228b265aed69c', 'dd8b6e9e783534e4b32c97e80ce3b33e692fe1121fdba690c2ddc603c989fd60');
INSERT INTO public.ledger VALUES (52, '2026-11-20 14:00:05.01+00', 'permit_given', 'p557131352551243386252225922438829771', '{"attempt":"0cb1e29c-658c-4a14-95e6-0af593bd04cf","recording":"8e81973e-0bec-47b0-b898-d190f9ebdacc","campaign":1,"list":1,"lead":13,"caller_id":"33199009999","trunk":"carrier","gate":"gate","expires_at":"2026-11-20T14:00:15.010000+00:00","basis":"consent"}', 'dd8b6e9e783534e4b32c97e80ce3b33e692fe1121fdba690c2ddc603c989fd60', '0bcfeaf8a2f5340cb25edabf13b37d9d1159654970f9fde058d9c0900a9ef9a6');
INSERT INTO public.ledger VALUES (53, '2026-11-20 14:00:05.01+00', 'permit_used', 'p557131352551243386252225922438829771', '{"gate":"gate"}', '0bcfeaf8a2f5340cb25edabf13b37d9d1159654970f9fde058d9c0900a9ef9a6', '436249a33eb0416741384137177116b5c43fc7627042a6467096bbcd0fae45f7');
INSERT INTO public.ledger VALUES (54, '2026-11-20 14:00:06+00', 'permit_given', 'p759260878420898034337616728454075787', '{"attempt":"92276658-1e27-41c0-8a6a-63ec24ede6a4","recording":"ae97ba94-d0ed-482f-8f6d-05584ef8aa38","campaign":2,"list":2,"lead":15,"caller_id":"33199009999","trunk":"carrier","gate":"gate","expires_at":"2026-11-20T14:00:16+00:00","basis":"consent"}', '436249a33eb0416741384137177116b5c43fc7627042a6467096bbcd0fae45f7', 'd151d53b5c2fc5effa530d8ce7234d4da98191e8d1e9f61c9229b24dc3115c00');
INSERT INTO public.ledger VALUES (55, '2026-11-20 14:00:06+00', 'permit_used', 'p759260878420898034337616728454075787', '{"gate":"gate"}', 'd151d53b5c2fc5effa530d8ce7234d4da98191e8d1e9f61c9229b24dc3115c00', 'e3d37cb9d949b85f737ec39e28d82e480319b5a93e614afb950d58342cf0194c');
INSERT INTO public.ledger VALUES (56, '2026-11-20 14:00:05.01+00', 'lead_offered', '3', '{"campaign":1,"lead":8,"operator":6}', 'e3d37cb9d949b85f737ec39e28d82e480319b5a93e614afb950d58342cf0194c', '67423fe5156ea2b45fbde041c03c31ec28c274dfa94b461fdddd549c4641448c');
INSERT INTO public.ledger VALUES (57, '2026-11-20 14:00:10.01+00', 'locked', 'seat 4', '{"by":"S. Martin","reason":"noise","ends_calls":false}', '67423fe5156ea2b45fbde041c03c31ec28c274dfa94b461fdddd549c4641448c', '7b6670a9fa6f2a1d5c01cc4b23be1afaa9f82670eaee829169167c0a9d7987b9');
INSERT INTO public.ledger VALUES (58, '2026-11-20 14:00:10.01+00', 'incident_opened', 'spare', '{"kind":"trunk_failing"}', '7b6670a9fa6f2a1d5c01cc4b23be1afaa9f82670eaee829169167c0a9d7987b9', 'b24df55c7f801b8d44d39cd018769dea1ce48e17da7ad96e94b377cd952dcc9c');
INSERT INTO public.ledger VALUES (59, '2026-11-20 14:00:10.01+00', 'session_opened', '1', '{"expires_at":"2026-11-20T22:00:10.010000+00:00"}', 'b24df55c7f801b8d44d39cd018769dea1ce48e17da7ad96e94b377cd952dcc9c', '28fc754796e134a56888ecdfbfb16b7af4512237a2c7a7e4234e2188f126cd39');
INSERT INTO public.ledger VALUES (60, '2026-11-20 14:00:10.01+00', 'listening_reason_stated', '6b0d549b-6f03-475a-9600-a35a099950d8', '{"account":1,"reason":"complaint","refused":"","address":"127.0.0.1"}', '28fc754796e134a56888ecdfbfb16b7af4512237a2c7a7e4234e2188f126cd39', 'd2809084fa8c8ddbfd328fd223b76211b7fc36ff1aa3c25e601002155cd42206');
INSERT INTO public.listenings VALUES (1, '6b0d549b-6f03-475a-9600-a35a099950d8', 1, 'complaint', '', '', '', '127.0.0.1', '2026-11-20 14:00:10.01+00', 'stated');
INSERT INTO public.lists VALUES (1, 1, 'list', 'abababababababababababababababababababababababababababababababab', 13, 13, 0, 0, '2026-11-20 14:00:00+00', 'test', 'loaded', '2026-12-01 07:05:17.232905+00', 'second', NULL, NULL, '2026-11-20 14:00:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.lists VALUES (2, 2, 'list', 'abababababababababababababababababababababababababababababababab', 8, 8, 0, 0, '2026-11-20 14:00:00+00', 'test', 'loaded', '2026-12-01 07:05:17.252266+00', 'second', NULL, NULL, '2026-11-20 14:00:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.lists VALUES (3, 3, 'list', 'abababababababababababababababababababababababababababababababab', 2, 2, 0, 0, '2026-11-20 14:00:00+00', 'test', 'loaded', '2026-12-01 07:05:17.270044+00', 'second', NULL, NULL, '2026-11-20 14:00:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.lists VALUES (4, 4, 'list', 'abababababababababababababababababababababababababababababababab', 6, 6, 0, 0, '2026-11-20 14:00:00+00', 'test', 'loaded', '2026-12-01 07:05:17.283844+00', 'second', NULL, NULL, '2026-11-20 14:00:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.lists VALUES (5, 5, 'list', 'abababababababababababababababababababababababababababababababab', 20, 20, 0, 0, '2026-11-20 14:00:00+00', 'test', 'loaded', '2026-12-01 07:05:17.301435+00', 'second', NULL, NULL, '2026-11-20 14:00:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.locks VALUES (1, 'seat', '4', 'S. Martin', 'noise', '2026-11-20 14:00:10.01+00', false, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (1, 'allow', 'prefix', '33', 'France, nine digits; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', 11, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (2, 'allow', 'prefix', '262', 'Réunion and Mayotte; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', 12, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (3, 'allow', 'prefix', '508', 'Saint-Pierre-et-Miquelon; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', 9, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (4, 'allow', 'prefix', '590', 'Guadeloupe, Saint-Barthélemy, Saint-Martin; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', 12, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (5, 'allow', 'prefix', '594', 'Guyane; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', 12, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (6, 'allow', 'prefix', '596', 'Martinique; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', 12, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (7, 'allow', 'prefix', '681', 'Wallis-et-Futuna; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', 9, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (8, 'allow', 'prefix', '687', 'Nouvelle-Calédonie; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', 9, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (9, 'allow', 'prefix', '689', 'Polynésie française, eight digits; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', 11, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (10, 'deny', 'prefix', '338', 'special rates: all of 08, free ones included; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (11, 'deny', 'prefix', '2628', 'special rates overseas; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (12, 'deny', 'prefix', '5908', 'special rates overseas; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (13, 'deny', 'prefix', '5948', 'special rates overseas; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (14, 'deny', 'prefix', '5968', 'special rates overseas; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (15, 'deny', 'prefix', '333', 'short numbers 3BPQ; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', 6, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (16, 'deny', 'prefix', '3310', 'short numbers 10YT; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', 6, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (17, 'deny', 'prefix', '33116', 'European numbers 116XYZ; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', 8, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (18, 'deny', 'prefix', '33118', 'directory enquiries 118XYZ; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', 8, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (19, 'deny', 'prefix', '800', 'international freephone; ITU-T E.164', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (20, 'deny', 'prefix', '808', 'international shared cost; ITU-T E.164', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (21, 'deny', 'prefix', '870', 'satellite (Inmarsat); ITU-T E.164', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (22, 'deny', 'prefix', '878', 'universal personal numbers; ITU-T E.164', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (23, 'deny', 'prefix', '881', 'satellite (global mobile systems); ITU-T E.164', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (24, 'deny', 'prefix', '882', 'international networks, satellite among them; ITU-T E.164', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (25, 'deny', 'prefix', '883', 'international networks, satellite among them; ITU-T E.164', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (26, 'deny', 'prefix', '888', 'shared code, once disaster relief; ITU-T E.164', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (27, 'deny', 'prefix', '979', 'international premium rate; ITU-T E.164', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (28, 'deny', 'exact', '3315', 'emergency number 15; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (29, 'deny', 'exact', '3317', 'emergency number 17; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (30, 'deny', 'exact', '3318', 'emergency number 18; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (31, 'deny', 'exact', '33112', 'emergency number 112; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (32, 'deny', 'exact', '33114', 'emergency number 114; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (33, 'deny', 'exact', '33115', 'emergency number 115; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (34, 'deny', 'exact', '33119', 'emergency number 119; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (35, 'deny', 'exact', '33191', 'emergency number 191; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (36, 'deny', 'exact', '33196', 'emergency number 196; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (37, 'deny', 'exact', '33197', 'emergency number 197; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (38, 'deny', 'exact', '33116000', 'emergency number 116000; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (39, 'deny', 'exact', '33116117', 'emergency number 116117; ARCEP numbering plan, décision 2018-0881', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (40, 'deny', 'exact', '112', 'emergency number 112 as mobile networks have it', 'standard 2026-11', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (41, 'deny', 'exact', '33116006', 'emergency number 116006; ARCEP numbering plan, décision 2018-0881', 'standard 2026-12', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (42, 'deny', 'exact', '33116111', 'emergency number 116111; ARCEP numbering plan, décision 2018-0881', 'standard 2026-12', '2026-01-01 00:00:00+00', NULL, 'site', '', NULL, false, '2026-01-01 00:00:00+00', 'installation', '2026-01-01 00:00:00+00', NULL, NULL, NULL, NULL);
INSERT INTO public.number_rules VALUES (43, 'deny', 'exact', '33199000003', 'asked', 'author', '2026-11-20 14:00:00+00', '2026-11-29 14:00:00+00', 'site', '', NULL, true, '2026-11-20 14:00:00+00', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.operators VALUES (1, 1, 'Name 1', 1);
INSERT INTO public.operators VALUES (2, 2, 'Name 2', 2);
INSERT INTO public.operators VALUES (3, 3, 'Name 3', 3);
INSERT INTO public.operators VALUES (4, 4, 'Name 4', 4);
INSERT INTO public.operators VALUES (5, 5, 'Name 5', 5);
INSERT INTO public.operators VALUES (6, 6, 'Name 6', 6);
INSERT INTO public.opposition_lists VALUES (1, 'bloctel', '', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', 1, '2026-11-20 14:00:00+00', 'author', NULL);
INSERT INTO public.opposition_numbers VALUES ('33199000004', 1);
INSERT INTO public.opposition_withdrawals VALUES (1, 1, '33199000004', 'author', '2026-11-20 14:00:00+00', 'a mistake', '', NULL, '', NULL);
INSERT INTO public.permits VALUES ('p774658141645831455937699655902531627', 'gate', 'used', '2026-11-20 14:00:00+00', '2026-11-20 14:00:10+00', '2026-11-20 14:00:00+00', '');
INSERT INTO public.permits VALUES ('p732467380301574846790679763687181199', 'gate', 'used', '2026-11-20 14:00:00+00', '2026-11-20 14:00:10+00', '2026-11-20 14:00:00+00', '');
INSERT INTO public.permits VALUES ('p082228766570242806050310458754168501', 'gate', 'used', '2026-11-20 14:00:00+00', '2026-11-20 14:00:10+00', '2026-11-20 14:00:00+00', '');
INSERT INTO public.permits VALUES ('p557131352551243386252225922438829771', 'gate', 'used', '2026-11-20 14:00:05.01+00', '2026-11-20 14:00:15.01+00', '2026-11-20 14:00:05.01+00', '');
INSERT INTO public.permits VALUES ('p759260878420898034337616728454075787', 'gate', 'used', '2026-11-20 14:00:06+00', '2026-11-20 14:00:16+00', '2026-11-20 14:00:06+00', '');
INSERT INTO public.previews VALUES (1, 3, 22, 1, '2026-11-20 14:00:00+00', NULL, NULL, '');
INSERT INTO public.previews VALUES (2, 3, 23, 2, '2026-11-20 14:00:00+00', NULL, NULL, '');
INSERT INTO public.previews VALUES (3, 1, 8, 6, '2026-11-20 14:00:05.01+00', NULL, NULL, '');
INSERT INTO public.quotas VALUES (1, 1, '{"town":"A"}', 3, 0);
INSERT INTO public.recording_steps VALUES ('6b0d549b-6f03-475a-9600-a35a099950d8', 'tones', '');
INSERT INTO public.recordings VALUES ('d23f0824-128b-4f33-8c5c-7fd0a6a3a450', '6513270e-269e-4d37-b2a7-4de452e6b438', 1, 'Survey', 1, 1, 3, 'Name 3', 3, '33199000000', '00', '0000', '2026-11-20 14:00:00+00', '2026-11-20 14:00:00.01+00', '2026-11-20 14:00:02.01+00', 'd23f0824-128b-4f33-8c5c-7fd0a6a3a450.flac', 2, 0, 'abababababababababababababababababababababababababababababababab', 1, 2, 2, 2);
INSERT INTO public.recordings VALUES ('6b0d549b-6f03-475a-9600-a35a099950d8', '36f675cc-81e7-4ef5-a8e2-5d940ed90475', 2, 'Learned', 2, 14, NULL, '', NULL, '33199000100', '00', '0100', '2026-11-20 14:00:00+00', NULL, '2026-11-20 14:00:05.01+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.rejected_rows VALUES (1, 9, 'number_wrong', 'not a number', '["x"]', false);
INSERT INTO public.retry_plans VALUES (1, '{"most_tries":4,"retry":{"busy":{"after_min":30,"limit":2,"jitter":0.2,"other_hours":true}}}');
INSERT INTO public.seats VALUES (1, 1, 'pbx-1', 'preview', NULL, '2026-11-20 14:00:00+00');
INSERT INTO public.seats VALUES (2, 2, 'pbx-2', 'preview', NULL, '2026-11-20 14:00:00+00');
INSERT INTO public.seats VALUES (3, 3, 'pbx-3', 'ready', NULL, '2026-11-20 14:00:06+00');
INSERT INTO public.seats VALUES (4, 4, 'pbx-4', 'talking', '90c192cf-d3ac-44af-8f21-ddb66cad4a26', '2026-11-20 14:00:05.01+00');
INSERT INTO public.seats VALUES (5, 5, 'pbx-5', 'ready', NULL, '2026-11-20 14:00:00+00');
INSERT INTO public.sessions VALUES ('abababababababababababababababababababababababababababababababab', 1, 'token', '2026-11-20 14:00:10.01+00', '2026-11-20 22:00:10.01+00', NULL);
INSERT INTO public.tallies VALUES (1, 'lead', 'waiting', -1);
INSERT INTO public.tallies VALUES (1, 'lead', 'claimed', 1);
INSERT INTO public.tallies VALUES (2, 'lead', 'waiting', -2);
INSERT INTO public.tallies VALUES (2, 'lead', 'claimed', 1);
INSERT INTO public.tallies VALUES (4, 'lead', 'waiting', -1);
INSERT INTO public.tallies VALUES (4, 'lead', 'claimed', 1);
INSERT INTO public.tallies VALUES (1, 'lead', 'done', 0);
INSERT INTO public.tallies VALUES (1, 'outcome', 'answered', 1);
INSERT INTO public.tallies VALUES (1, 'result', 'call_back', 1);
INSERT INTO public.tallies VALUES (2, 'lead', 'done', 1);
INSERT INTO public.tallies VALUES (2, 'outcome', 'busy', 1);
INSERT INTO public.whitelist_changes VALUES (1, 'list_approved', '1', '2026-11-20 14:00:00+00');
INSERT INTO public.whitelist_changes VALUES (2, 'list_approved', '2', '2026-11-20 14:00:00+00');
INSERT INTO public.whitelist_changes VALUES (3, 'list_approved', '3', '2026-11-20 14:00:00+00');
INSERT INTO public.whitelist_changes VALUES (4, 'list_approved', '4', '2026-11-20 14:00:00+00');
INSERT INTO public.whitelist_changes VALUES (5, 'list_approved', '5', '2026-11-20 14:00:00+00');
INSERT INTO public.whitelist_changes VALUES (6, 'rule_added', '43', '2026-11-20 14:00:00+00');
INSERT INTO public.whitelist_changes VALUES (7, 'exemption_approved', '1', '2026-11-20 14:00:00+00');
INSERT INTO public.whitelist_changes VALUES (8, 'opposition_loaded', '1', '2026-11-20 14:00:00+00');
SELECT pg_catalog.setval('public.accounts_account_id_seq', 6, true);
SELECT pg_catalog.setval('public.call_events_event_id_seq', 26, true);
SELECT pg_catalog.setval('public.callbacks_callback_id_seq', 1, true);
SELECT pg_catalog.setval('public.campaigns_campaign_id_seq', 5, true);
SELECT pg_catalog.setval('public.incidents_incident_id_seq', 1, true);
SELECT pg_catalog.setval('public.key_allowances_allowance_id_seq', 1, true);
SELECT pg_catalog.setval('public.law_exemptions_exemption_id_seq', 1, true);
SELECT pg_catalog.setval('public.leads_lead_id_seq', 49, true);
SELECT pg_catalog.setval('public.listenings_listening_id_seq', 1, true);
SELECT pg_catalog.setval('public.lists_list_id_seq', 5, true);
SELECT pg_catalog.setval('public.locks_lock_id_seq', 1, true);
SELECT pg_catalog.setval('public.number_rules_rule_id_seq', 43, true);
SELECT pg_catalog.setval('public.operators_operator_id_seq', 6, true);
SELECT pg_catalog.setval('public.opposition_lists_list_id_seq', 1, true);
SELECT pg_catalog.setval('public.opposition_withdrawals_withdrawal_id_seq', 1, true);
SELECT pg_catalog.setval('public.previews_preview_id_seq', 3, true);
SELECT pg_catalog.setval('public.quotas_quota_id_seq', 1, true);
SELECT pg_catalog.setval('public.whitelist_changes_version_seq', 8, true);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pk PRIMARY KEY (account_id);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_username_uq UNIQUE (username);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_permit_id_uq UNIQUE (permit_id);
ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_pk PRIMARY KEY (attempt_id);
ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_recording_id_uq UNIQUE (recording_id);
ALTER TABLE ONLY public.call_events
    ADD CONSTRAINT call_events_pk PRIMARY KEY (event_id);
ALTER TABLE ONLY public.callbacks
    ADD CONSTRAINT callbacks_pk PRIMARY KEY (callback_id);
ALTER TABLE ONLY public.campaigns
    ADD CONSTRAINT campaigns_name_uq UNIQUE (name);
ALTER TABLE ONLY public.campaigns
    ADD CONSTRAINT campaigns_pk PRIMARY KEY (campaign_id);
ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT incidents_pk PRIMARY KEY (incident_id);
ALTER TABLE ONLY public.key_allowances
    ADD CONSTRAINT key_allowances_pk PRIMARY KEY (allowance_id);
ALTER TABLE ONLY public.law_exemptions
    ADD CONSTRAINT law_exemptions_pk PRIMARY KEY (exemption_id);
ALTER TABLE ONLY public.leads
    ADD CONSTRAINT leads_campaign_id_number_uq UNIQUE (campaign_id, number);
ALTER TABLE ONLY public.leads
    ADD CONSTRAINT leads_pk PRIMARY KEY (lead_id);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT ledger_pk PRIMARY KEY (sequence);
ALTER TABLE ONLY public.listenings
    ADD CONSTRAINT listenings_pk PRIMARY KEY (listening_id);
ALTER TABLE ONLY public.lists
    ADD CONSTRAINT lists_pk PRIMARY KEY (list_id);
ALTER TABLE ONLY public.locks
    ADD CONSTRAINT locks_pk PRIMARY KEY (lock_id);
ALTER TABLE ONLY public.number_rules
    ADD CONSTRAINT number_rules_pk PRIMARY KEY (rule_id);
ALTER TABLE ONLY public.operators
    ADD CONSTRAINT operators_account_id_uq UNIQUE (account_id);
ALTER TABLE ONLY public.operators
    ADD CONSTRAINT operators_pk PRIMARY KEY (operator_id);
ALTER TABLE ONLY public.operators
    ADD CONSTRAINT operators_seat_uq UNIQUE (seat);
ALTER TABLE ONLY public.opposition_lists
    ADD CONSTRAINT opposition_lists_pk PRIMARY KEY (list_id);
ALTER TABLE ONLY public.opposition_numbers
    ADD CONSTRAINT opposition_numbers_pk PRIMARY KEY (key, list_id);
ALTER TABLE ONLY public.opposition_withdrawals
    ADD CONSTRAINT opposition_withdrawals_pk PRIMARY KEY (withdrawal_id);
ALTER TABLE ONLY public.permits
    ADD CONSTRAINT permits_pk PRIMARY KEY (permit_id);
ALTER TABLE ONLY public.previews
    ADD CONSTRAINT previews_pk PRIMARY KEY (preview_id);
ALTER TABLE ONLY public.quotas
    ADD CONSTRAINT quotas_pk PRIMARY KEY (quota_id);
ALTER TABLE ONLY public.recording_steps
    ADD CONSTRAINT recording_steps_pk PRIMARY KEY (recording_id, step);
ALTER TABLE ONLY public.recordings
    ADD CONSTRAINT recordings_attempt_id_uq UNIQUE (attempt_id);
ALTER TABLE ONLY public.recordings
    ADD CONSTRAINT recordings_pk PRIMARY KEY (recording_id);
ALTER TABLE ONLY public.rejected_rows
    ADD CONSTRAINT rejected_rows_pk PRIMARY KEY (list_id, "row");
ALTER TABLE ONLY public.retry_plans
    ADD CONSTRAINT retry_plans_pk PRIMARY KEY (campaign_id);
ALTER TABLE ONLY public.seats
    ADD CONSTRAINT seats_pk PRIMARY KEY (seat);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pk PRIMARY KEY (token_sha256);
ALTER TABLE ONLY public.tallies
    ADD CONSTRAINT tallies_pk PRIMARY KEY (campaign_id, kind, word);
ALTER TABLE ONLY public.whitelist_changes
    ADD CONSTRAINT whitelist_changes_pk PRIMARY KEY (version);
CREATE INDEX attempts_by_campaign ON public.attempts USING btree (campaign_id, started_at, attempt_id);
CREATE INDEX attempts_by_end ON public.attempts USING btree (campaign_id, ended_at, outcome);
CREATE INDEX attempts_by_lead ON public.attempts USING btree (lead_id);
CREATE INDEX attempts_by_number ON public.attempts USING btree (number, started_at);
CREATE INDEX attempts_by_time ON public.attempts USING btree (started_at, attempt_id);
CREATE INDEX attempts_by_trunk ON public.attempts USING btree (trunk, started_at);
CREATE INDEX attempts_by_trunk_channel ON public.attempts USING btree (trunk_channel) WHERE (trunk_channel <> ''::text);
CREATE UNIQUE INDEX attempts_one_open_per_lead ON public.attempts USING btree (lead_id) WHERE (state <> 'ended'::text);
CREATE UNIQUE INDEX attempts_one_open_per_number ON public.attempts USING btree (number) WHERE ((state <> 'ended'::text) AND (person <> ''::text));
CREATE UNIQUE INDEX attempts_one_open_per_person ON public.attempts USING btree (person) WHERE ((state <> 'ended'::text) AND (person <> ''::text));
CREATE INDEX attempts_unfinished ON public.attempts USING btree (started_at, attempt_id) WHERE (state <> 'ended'::text);
CREATE INDEX attempts_unrecorded ON public.attempts USING btree (started_at, attempt_id) WHERE ((state = 'ended'::text) AND (trunk_channel <> ''::text) AND (NOT is_recorded));
CREATE INDEX attempts_without_result ON public.attempts USING btree (started_at, attempt_id) WHERE ((connected_at IS NOT NULL) AND (result IS NULL));
CREATE INDEX call_events_by_attempt ON public.call_events USING btree (attempt_id, event_id);
CREATE INDEX callbacks_by_lead ON public.callbacks USING btree (lead_id);
CREATE INDEX callbacks_by_promise ON public.callbacks USING btree (set_at);
CREATE INDEX callbacks_open ON public.callbacks USING btree (campaign_id, lead_id) WHERE (state = 'open'::text);
CREATE UNIQUE INDEX incidents_open ON public.incidents USING btree (kind, subject) WHERE (closed_at IS NULL);
CREATE UNIQUE INDEX key_allowances_one_per_campaign ON public.key_allowances USING btree (campaign_id) WHERE (withdrawn_at IS NULL);
CREATE INDEX leads_by_bucket ON public.leads USING btree (list_id, clock, priority, bucket, not_before, "row") WHERE (state = 'waiting'::text);
CREATE INDEX leads_by_client_key ON public.leads USING btree (client_key, campaign_id) WHERE (client_key <> ''::text);
CREATE INDEX leads_by_list ON public.leads USING btree (list_id, state, clock, priority, not_before, "row");
CREATE INDEX ledger_by_kind ON public.ledger USING btree (kind, at);
CREATE INDEX ledger_by_subject ON public.ledger USING btree (subject, sequence);
CREATE INDEX listenings_by_recording ON public.listenings USING btree (recording_id, listening_id);
CREATE INDEX lists_by_campaign ON public.lists USING btree (campaign_id, list_id);
CREATE UNIQUE INDEX locks_active ON public.locks USING btree (scope, target) WHERE (released_at IS NULL);
CREATE INDEX number_rules_by_digits ON public.number_rules USING btree (digits);
CREATE INDEX permits_issued ON public.permits USING btree (permit_id) WHERE (state = 'issued'::text);
CREATE INDEX previews_by_end ON public.previews USING btree (ended_at);
CREATE INDEX previews_by_lead ON public.previews USING btree (lead_id);
CREATE UNIQUE INDEX previews_one_open_per_lead ON public.previews USING btree (lead_id) WHERE (ended_at IS NULL);
CREATE UNIQUE INDEX previews_one_open_per_operator ON public.previews USING btree (operator_id) WHERE (ended_at IS NULL);
CREATE INDEX quotas_by_campaign ON public.quotas USING btree (campaign_id);
CREATE INDEX recordings_by_campaign ON public.recordings USING btree (campaign_id, started_at, last2);
CREATE INDEX recordings_by_last2 ON public.recordings USING btree (last2, started_at);
CREATE INDEX recordings_by_last4 ON public.recordings USING btree (last4, started_at);
CREATE INDEX recordings_by_operator ON public.recordings USING btree (operator_id, started_at, last2);
CREATE INDEX recordings_by_time ON public.recordings USING btree (started_at);
CREATE INDEX sessions_by_account ON public.sessions USING btree (account_id);
CREATE TRIGGER ledger_refuses_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.ledger FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_is_append_only();
ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_campaign_id_fk FOREIGN KEY (campaign_id) REFERENCES public.campaigns(campaign_id);
ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_lead_id_fk FOREIGN KEY (lead_id) REFERENCES public.leads(lead_id);
ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_operator_id_fk FOREIGN KEY (operator_id) REFERENCES public.operators(operator_id);
ALTER TABLE ONLY public.call_events
    ADD CONSTRAINT call_events_attempt_id_fk FOREIGN KEY (attempt_id) REFERENCES public.attempts(attempt_id);
ALTER TABLE ONLY public.callbacks
    ADD CONSTRAINT callbacks_attempt_id_fk FOREIGN KEY (attempt_id) REFERENCES public.attempts(attempt_id);
ALTER TABLE ONLY public.callbacks
    ADD CONSTRAINT callbacks_campaign_id_fk FOREIGN KEY (campaign_id) REFERENCES public.campaigns(campaign_id);
ALTER TABLE ONLY public.callbacks
    ADD CONSTRAINT callbacks_lead_id_fk FOREIGN KEY (lead_id) REFERENCES public.leads(lead_id);
ALTER TABLE ONLY public.callbacks
    ADD CONSTRAINT callbacks_operator_id_fk FOREIGN KEY (operator_id) REFERENCES public.operators(operator_id);
ALTER TABLE ONLY public.key_allowances
    ADD CONSTRAINT key_allowances_campaign_id_fk FOREIGN KEY (campaign_id) REFERENCES public.campaigns(campaign_id);
ALTER TABLE ONLY public.law_exemptions
    ADD CONSTRAINT law_exemptions_campaign_id_fk FOREIGN KEY (campaign_id) REFERENCES public.campaigns(campaign_id);
ALTER TABLE ONLY public.leads
    ADD CONSTRAINT leads_campaign_id_fk FOREIGN KEY (campaign_id) REFERENCES public.campaigns(campaign_id);
ALTER TABLE ONLY public.leads
    ADD CONSTRAINT leads_list_id_fk FOREIGN KEY (list_id) REFERENCES public.lists(list_id);
ALTER TABLE ONLY public.listenings
    ADD CONSTRAINT listenings_account_id_fk FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);
ALTER TABLE ONLY public.lists
    ADD CONSTRAINT lists_campaign_id_fk FOREIGN KEY (campaign_id) REFERENCES public.campaigns(campaign_id);
ALTER TABLE ONLY public.operators
    ADD CONSTRAINT operators_account_id_fk FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);
ALTER TABLE ONLY public.opposition_numbers
    ADD CONSTRAINT opposition_numbers_list_id_fk FOREIGN KEY (list_id) REFERENCES public.opposition_lists(list_id);
ALTER TABLE ONLY public.opposition_withdrawals
    ADD CONSTRAINT opposition_withdrawals_list_id_fk FOREIGN KEY (list_id) REFERENCES public.opposition_lists(list_id);
ALTER TABLE ONLY public.permits
    ADD CONSTRAINT permits_permit_id_fk FOREIGN KEY (permit_id) REFERENCES public.attempts(permit_id);
ALTER TABLE ONLY public.previews
    ADD CONSTRAINT previews_campaign_id_fk FOREIGN KEY (campaign_id) REFERENCES public.campaigns(campaign_id);
ALTER TABLE ONLY public.previews
    ADD CONSTRAINT previews_lead_id_fk FOREIGN KEY (lead_id) REFERENCES public.leads(lead_id);
ALTER TABLE ONLY public.previews
    ADD CONSTRAINT previews_operator_id_fk FOREIGN KEY (operator_id) REFERENCES public.operators(operator_id);
ALTER TABLE ONLY public.quotas
    ADD CONSTRAINT quotas_campaign_id_fk FOREIGN KEY (campaign_id) REFERENCES public.campaigns(campaign_id);
ALTER TABLE ONLY public.recording_steps
    ADD CONSTRAINT recording_steps_recording_id_fk FOREIGN KEY (recording_id) REFERENCES public.recordings(recording_id);
ALTER TABLE ONLY public.recordings
    ADD CONSTRAINT recordings_attempt_id_fk FOREIGN KEY (attempt_id) REFERENCES public.attempts(attempt_id);
ALTER TABLE ONLY public.recordings
    ADD CONSTRAINT recordings_recording_id_fk FOREIGN KEY (recording_id) REFERENCES public.attempts(recording_id);
ALTER TABLE ONLY public.rejected_rows
    ADD CONSTRAINT rejected_rows_list_id_fk FOREIGN KEY (list_id) REFERENCES public.lists(list_id);
ALTER TABLE ONLY public.retry_plans
    ADD CONSTRAINT retry_plans_campaign_id_fk FOREIGN KEY (campaign_id) REFERENCES public.campaigns(campaign_id);
ALTER TABLE ONLY public.seats
    ADD CONSTRAINT seats_attempt_id_fk FOREIGN KEY (attempt_id) REFERENCES public.attempts(attempt_id);
ALTER TABLE ONLY public.seats
    ADD CONSTRAINT seats_operator_id_fk FOREIGN KEY (operator_id) REFERENCES public.operators(operator_id);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_account_id_fk FOREIGN KEY (account_id) REFERENCES public.accounts(account_id);
ALTER TABLE ONLY public.tallies
    ADD CONSTRAINT tallies_campaign_id_fk FOREIGN KEY (campaign_id) REFERENCES public.campaigns(campaign_id);
